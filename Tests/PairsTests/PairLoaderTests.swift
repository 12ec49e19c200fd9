import Foundation
import Pairs
import Tensors
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct PairLoaderTests {
    private let list: PairList

    init() throws {
        list = try PairList(
            [.init(file: "train1.txt"), .init(file: "train2.txt")], baseDirectory: Golden.directory.path)
    }

    /// Two columns of random 20×20 crops, mirrored, of pictures of 24×24, in shuffled order.
    private func configuration(
        _ list: PairList? = nil, shard: Shard, threads: Int = 1, ahead: Int = 2, shuffled: Bool = true
    ) throws -> PairLoader.Configuration {
        let columns = (0..<2).map { column in
            ImageColumn(
                list: column, size: .init(width: 24, height: 24),
                transform: ImageTransform(
                    layer: "data\(column)", scale: 1 / 256, cropSize: 20, cropsAtRandom: true, mirrors: true, seed: 9))
        }
        let list = list ?? self.list
        return PairLoader.Configuration(
            source: try ImagePairs(list, columns: columns),
            order: PairOrder(count: list.count, seed: 9, shuffled: shuffled), shard: shard, threads: threads,
            batchesAhead: ahead)
    }

    /// A rank's batch, sample by sample: both images' floats and the label.
    private struct Batch: Equatable {
        var firstPosition: Int
        var samples: [[Float]]
    }

    private func batches(_ loader: PairLoader, _ number: Int, samples count: Int) throws -> [Batch] {
        let data = loader.sampleShapes.map { Blob(Shape([count] + $0.dims)) }
        let labels = [Blob([count]), Blob([count, 1])]
        return try (0..<number).map { _ in
            let delivery = try loader.next(into: data, labels: labels)
            #expect(labels[0].dataArray == labels[1].dataArray)
            let images = data.map(\.dataArray)
            let size = images[0].count / count
            return Batch(
                firstPosition: delivery.firstPosition,
                samples: (0..<count).map { sample in
                    images.flatMap { $0[sample * size..<(sample + 1) * size] } + [labels[0].dataArray[sample]]
                })
        }
    }

    @Test(arguments: [(2, 1), (3, 2), (8, 4), (1, 3)])
    func sameWhateverTheThreads(threads: Int, ahead: Int) throws {
        let shard = Shard(whole: 6)
        let expected = try batches(PairLoader(configuration(shard: shard)), 9, samples: 6)
        #expect(expected.map(\.firstPosition) == (0..<9).map { 6 * $0 })
        #expect(Set(expected.flatMap(\.samples)).count > 20)  // crops differ from epoch to epoch
        let loader = try PairLoader(configuration(shard: shard, threads: threads, ahead: ahead))
        #expect(try batches(loader, 9, samples: 6) == expected)
    }

    @Test(arguments: [2, 3, 5])
    func ranksTogetherMakeOneRanksBatches(worldSize: Int) throws {
        let whole = try batches(PairLoader(configuration(shard: Shard(whole: 7))), 6, samples: 7)
        let ranks = try (0..<worldSize).map { rank in
            let shard = try Shard(batch: 7, rank: rank, worldSize: worldSize)
            let found = try batches(PairLoader(configuration(shard: shard, threads: 2)), 6, samples: shard.count)
            #expect(found.map(\.firstPosition) == (0..<6).map { 7 * $0 + shard.range.lowerBound })
            return found
        }
        for batch in 0..<6 {
            #expect(ranks.flatMap { $0[batch].samples } == whole[batch].samples)
        }
    }

    @Test func piecesTogetherAreABatch() throws {
        let shard = try Shard(batch: 12, rank: 1, worldSize: 2)
        let whole = try batches(PairLoader(configuration(shard: shard)), 3, samples: 6)
        var configuration = try configuration(shard: shard)
        configuration.piece = 2
        let loader = PairLoader(configuration)
        for batch in 0..<3 {
            for piece in 0..<3 {
                #expect(loader.beginsBatch == (piece == 0))
                let found = try batches(loader, 1, samples: 2)[0]
                #expect(found.firstPosition == 12 * batch + 6 + 2 * piece)
                #expect(found.samples == Array(whole[batch].samples[2 * piece..<2 * piece + 2]))
            }
        }
        // Beginning anew in the middle of a batch begins with its first piece.
        _ = try batches(loader, 1, samples: 2)
        loader.restart(at: 12)
        #expect(try batches(loader, 1, samples: 2)[0].firstPosition == 18)
    }

    @Test func resumesAtAnyPosition() throws {
        let shard = Shard(whole: 6)
        let all = try batches(PairLoader(configuration(shard: shard)), 8, samples: 6)
        let resumed = try PairLoader(configuration(shard: shard, threads: 2), startingAt: 5 * 6)
        #expect(try batches(resumed, 3, samples: 6) == Array(all[5...]))
        let shards = try (0..<2).map { try Shard(batch: 6, rank: $0, worldSize: 2) }
        let two = try shards.map { shard in
            try batches(PairLoader(configuration(shard: shard), startingAt: 5 * 6), 3, samples: shard.count)
        }
        for batch in 0..<3 { #expect(two.flatMap { $0[batch].samples } == all[5 + batch].samples) }
    }

    @Test func restartsForEachTestPass() throws {
        let loader = try PairLoader(configuration(shard: Shard(whole: 4), threads: 3, ahead: 3))
        let first = try batches(loader, 3, samples: 4)
        for _ in 0..<5 {
            loader.restart(at: 0)
            #expect(try batches(loader, 3, samples: 4) == first)
        }
        loader.restart(at: 4)
        loader.restart(at: 4)
        #expect(try batches(loader, 2, samples: 4) == Array(first[1...]))
    }

    @Test func unshuffledBatchesWrapInTheirMiddle() throws {
        let loader = try PairLoader(configuration(shard: Shard(whole: 8), shuffled: false))
        let labels = try batches(loader, 3, samples: 8).flatMap { $0.samples.map { $0[$0.count - 1] } }
        #expect(labels == list.labels + list.labels.prefix(4))
    }

    @Test func stopsWithBatchesUnderWay() throws {
        for threads in 1...4 {
            let loader = try PairLoader(configuration(shard: Shard(whole: 20), threads: threads, ahead: 3))
            loader.stop()
            loader.stop()
        }
        _ = try PairLoader(configuration(shard: Shard(whole: 20), threads: 4))  // deinit stops it
    }

    @Test func theFirstFailureOfABatchIsReported() throws {
        let scratch = try Scratch()
        try scratch.write("cut.jpg", try bytes(of: Golden.path("images_extra/truncated_half.jpg")))
        let good = Golden.path("images/00_astronaut_a.jpg")
        try scratch.write("1.txt", "\(good) 1\n\(good) 0\n\(good) 1\nnone.jpg 0\ncut.jpg 1\n")
        try scratch.write("2.txt", "\(good) 1\n\(good) 0\n\(good) 1\ncut.jpg 0\n\(good) 1\n")
        let list = try PairList([.init(file: "1.txt"), .init(file: "2.txt")], baseDirectory: scratch.path)
        for threads in [1, 4] {
            let loader = try PairLoader(
                configuration(list, shard: Shard(whole: 3), threads: threads, shuffled: false))
            try loader.prepare()
            _ = try batches(loader, 1, samples: 3)
            let error = #expect(throws: LoadError.self) { try batches(loader, 1, samples: 3) }
            #expect(error?.position == 3)
            #expect(
                error?.description == """
                    1.txt:4: none.jpg: can't read the image: No such file or directory \
                    (looked in the working directory and in \(scratch.path))
                    """)
            #expect(#expect(throws: LoadError.self) { try loader.prepare() } == error)
        }
    }

    @Test func withoutAResizeTheFirstImageGivesTheSize() throws {
        let names = ["images/13_ihc_b.jpg", "images/13_ihc_b.jpg", "images/22_moon_a_gray.jpg"]
        let scratch = try Scratch()
        let file = try scratch.write("list.txt", names.map { "\($0) 1\n" }.joined())
        let list = try PairList([.init(file: file)], baseDirectory: Golden.directory.path)
        func cropped(_ cropSize: Int) throws -> PairLoader {
            let column = ImageColumn(list: 0, size: nil, transform: ImageTransform(layer: "data", cropSize: cropSize))
            return PairLoader(
                .init(
                    source: try ImagePairs(list, columns: [column]), order: PairOrder(count: 3, seed: 0),
                    shard: Shard(whole: 1)))
        }
        let loader = try cropped(0)
        #expect(loader.sampleShapes == [[3, 64, 64]])
        let native = try Golden.array("preproc/native/13_ihc_b.jpg.npy").values
        #expect(try batches(loader, 2, samples: 1).map { $0.samples[0] } == [native + [1], native + [1]])
        let error = #expect(throws: LoadError.self) { try batches(loader, 1, samples: 1) }
        #expect(
            error?.description == """
                \(file):3: images/22_moon_a_gray.jpg: the image is 33×41 pixels where the first of its list is 64×64 \
                (width×height); set new_height and new_width to bring all to one size
                """)

        #expect(try batches(cropped(33), 3, samples: 1).count == 3)
    }

    @Test func aTransformThatDoesNotFitIsRefusedAtOnce() throws {
        let column = ImageColumn(
            list: 0, size: .init(width: 24, height: 20), transform: ImageTransform(layer: "data", cropSize: 22))
        let error = #expect(throws: ImageTransform.Mismatch.self) { try ImagePairs(list, columns: [column]) }
        #expect(
            error?.description
                == "layer \"data\": crop_size 22 is larger than the pictures, which are 20×24 (height×width)")
    }
}
