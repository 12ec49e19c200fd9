import Foundation
import Pairs
import Tensors
import TestSupport
import Testing

/// Pairs that can't be read are replaced by others: the same whatever ranks, threads and cache there are.
@Suite(.timeLimit(.minutes(5)))
struct BadPairsTests {
    private let scratch: Scratch
    private let list: PairList
    /// The pairs of which one image or both are bad.
    private static let bad: Set = [2, 5, 11]

    init() throws {
        let scratch = try Scratch()
        self.scratch = scratch
        try scratch.write("cut.jpg", try bytes(of: Golden.path("images_extra/truncated_half.jpg")))
        var lists = try ["train1", "train2"].map { name in
            try Golden.lines("\(name).txt").map { "\(Golden.directory.path)/\($0)" }
        }
        for (column, line, image) in [
            (0, 2, scratch.path + "/cut.jpg"), (1, 5, "none.jpg"), (0, 11, Golden.path("images_extra/bmp24.bmp")),
            (1, 11, Golden.path("images_extra/bmp24.bmp")),
        ] {
            lists[column][line] = image + lists[column][line].suffix(2)
        }
        var sources: [PairList.Source] = []
        for (column, lines) in lists.enumerated() {
            let file = try scratch.write("train\(column + 1).txt", lines.joined(separator: "\n"))
            sources.append(.init(file: file))
        }
        list = try PairList(sources)
    }

    private func source(_ list: PairList? = nil, cache: PictureCache? = nil) throws -> ImagePairs {
        let columns = (0..<2).map { column in
            ImageColumn(
                list: column, size: .init(width: 24, height: 24),
                transform: ImageTransform(
                    layer: "data\(column)", cropSize: 20, cropsAtRandom: true, mirrors: true, seed: 9))
        }
        var options = DecodingOptions()
        options.badImages = .skip(limit: 10)
        options.cache = cache
        return try ImagePairs(list ?? self.list, columns: columns, options: options)
    }

    /// The samples of ten batches of six, with their labels, and the pairs that they show.
    private func samples(
        _ source: any PairSource, shard: Shard = Shard(whole: 6), threads: Int = 1, start: Int = 0, into bad: BadPairs
    ) throws -> (samples: [[[Float]]], pairs: [[Int]]) {
        let order = PairOrder(count: source.count, seed: 9, shuffled: true)
        let loader = PairLoader(
            .init(source: source, order: order, shard: shard, threads: threads, bad: bad), startingAt: start)
        defer { loader.stop() }
        let data = loader.sampleShapes.map { Blob(Shape([shard.count] + $0.dims)) }
        let labels = Blob([shard.count])
        var (samples, pairs): ([[[Float]]], [[Int]]) = ([], [])
        for _ in 0..<10 {
            pairs.append(try loader.next(into: data, labels: [labels]).pairs)
            samples.append(
                (0..<shard.count).map { sample in
                    data.flatMap { blob in
                        let size = blob.count / shard.count
                        return blob.dataArray[sample * size..<(sample + 1) * size]
                    } + [labels.dataArray[sample]]
                })
        }
        return (samples, pairs)
    }

    @Test func othersTakeTheirPlace() throws {
        let order = PairOrder(count: 20, seed: 9, shuffled: true)
        let pairs = try samples(source(), into: BadPairs()).pairs.flatMap(\.self)
        #expect(Set(pairs).isDisjoint(with: Self.bad))
        for (position, pair) in pairs.enumerated() where !Self.bad.contains(order.index(at: position)) {
            #expect(pair == order.index(at: position))
        }
        // Each of three epochs has three of them, and chance does not give all the same pair.
        let replaced = pairs.enumerated().filter { $1 != order.index(at: $0) }
        #expect(replaced.count == 9)
        #expect(Set(replaced.map(\.element)).count > 3)
    }

    @Test func neitherThreadsNorCacheNorRanksMatter() throws {
        let expected = try samples(source(), into: BadPairs())
        let threaded = try samples(source(cache: PictureCache(limit: 1 << 24)), threads: 4, into: BadPairs())
        #expect(threaded.samples == expected.samples)
        for ranks in 2...4 {
            let parts = try (0..<ranks).map { rank in
                try samples(
                    source(), shard: try Shard(batch: 6, rank: rank, worldSize: ranks), threads: 2, into: BadPairs())
            }
            for batch in expected.samples.indices {
                #expect(parts.flatMap { $0.samples[batch] } == expected.samples[batch])
                #expect(parts.flatMap { $0.pairs[batch] } == expected.pairs[batch])
            }
        }
    }

    @Test func aResumedRunHasTheSame() throws {
        let expected = try samples(source(), into: BadPairs())
        let resumed = try samples(source(), start: 4 * 6, into: BadPairs())
        #expect(Array(resumed.samples[..<6]) == Array(expected.samples[4...]))
    }

    /// Ranks that carry one column each pass over the same pairs, though each looks at its own image first.
    @Test func columnsApartShowTheSamePairs() throws {
        let whole = try source()
        let expected = try samples(whole, into: BadPairs())
        let size = 3 * 20 * 20
        for column in 0..<2 {
            let bad = BadPairs()
            let found = try samples(ColumnPairs(whole, columns: [column], readsWholePairs: true), into: bad)
            #expect(found.pairs == expected.pairs)
            let own = found.samples.flatMap(\.self).map { Array($0.dropLast()) }
            let cut = expected.samples.flatMap(\.self).map { Array($0[column * size..<(column + 1) * size]) }
            #expect(own == cut)
            #expect(Set(bad.takeNews().map(\.index)) == Self.bad)
        }
    }

    /// Each pair once, with all of its bad images.
    @Test func eachIsNotedOnce() throws {
        let bad = BadPairs()
        _ = try samples(source(), threads: 3, into: bad)
        let news = bad.takeNews().sorted { $0.index < $1.index }
        #expect(news.map(\.index) == Self.bad.sorted())
        #expect(news.map(\.images.count) == [1, 1, 2])
        #expect(
            news[0].images[0].hasPrefix("\(scratch.path)/train1.txt:3: \(scratch.path)/cut.jpg: the JPEG is damaged"))
        #expect(
            news[1].images
                == ["\(scratch.path)/train2.txt:6: none.jpg: can't read the image: No such file or directory"])
        #expect(news[2].images[1].hasPrefix("\(scratch.path)/train2.txt:12: "))
        _ = try samples(source(), into: bad)
        #expect(!bad.hasNews && bad.takeNews().isEmpty)
    }

    @Test func missingImagesAreNotedBefore() throws {
        let bad = BadPairs()
        bad.addMissing(from: try source(), limit: 10)
        #expect(bad.takeNews().map(\.index) == [5])
    }

    /// Only bad pairs: a sentence, and no endless loop.
    @Test func nothingButBadPairsIsAnError() throws {
        let lines = (0..<3).map { "\(scratch.path)/cut.jpg \($0 % 2)\n" }.joined()
        let file = try scratch.write("bad.txt", lines)
        let list = try PairList([.init(file: file), .init(file: file)])
        let error = #expect(throws: LoadError.self) { try samples(source(list), into: BadPairs()) }
        #expect(error?.position == 0)
        #expect(error?.description.contains("none of the 100 pairs that were tried in its place can be read") == true)
    }

    /// Where nothing resizes the first image that can be read gives the size, in lists and in databases.
    @Test func theFirstMayBeBad() throws {
        let good = Golden.path("images/13_ihc_b.jpg")
        let file = try scratch.write("first.txt", "\(scratch.path)/none.jpg 1\n\(good) 0\n")
        var options = DecodingOptions()
        let columns = [ImageColumn(list: 0, size: nil, transform: ImageTransform(layer: "data"))]
        let list = try PairList([.init(file: file)])
        #expect(throws: LoadError.self) { try ImagePairs(list, columns: columns, options: options) }
        options.badImages = .skip(limit: 1)
        #expect(try ImagePairs(list, columns: columns, options: options).sampleShapes == [[3, 64, 64]])

        let path = scratch.path + "/lmdb"
        let records: [[UInt8]] =
            [Array("hello".utf8)]
            + (1...3).map { [UInt8]($0..<$0 + 4) }.map {
                Records.raw($0, channels: 1, height: 2, width: 2, label: 1)
            }
        try Records.write(records, to: path)
        let column = RecordPairs.Column(try RecordFile(path), transform: ImageTransform(layer: "data"))
        #expect(throws: LoadError.self) { try RecordPairs([column]) }
        let bad = BadPairs()
        let found = try samples(RecordPairs([column], options: options), into: bad)
        #expect(Set(found.pairs.flatMap(\.self)) == [1, 2, 3])
        let news = bad.takeNews()
        #expect(news.map(\.index) == [0])
        #expect(news[0].images[0].hasPrefix("\(path): record 00000000: it is no Datum"))
    }
}
