import Foundation
import Pairs
import Tensors
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct RecordPairsTests {
    private let scratch: Scratch
    private let list: PairList

    init() throws {
        scratch = try Scratch()
        list = try PairList(
            [.init(file: "train1.txt"), .init(file: "train2.txt")], baseDirectory: Golden.directory.path)
    }

    private func packed(_ name: String = "lmdb") throws -> RecordFile {
        let path = scratch.path + "/" + name
        try PairPacker(.init(list, size: .init(width: 24, height: 20), output: path, threads: 2)).run()
        return try RecordFile(path)
    }

    private static func transforms(_ layer: String) -> ImageTransform {
        ImageTransform(layer: layer, scale: 1 / 256, cropSize: 17, cropsAtRandom: true, mirrors: true, seed: 9)
    }

    /// All samples of a few batches: floats and label together.
    private static func samples(
        _ source: any PairSource, shard: Shard, batches: Int = 5, threads: Int = 2
    ) throws -> [[[Float]]] {
        let loader = PairLoader(
            .init(
                source: source, order: PairOrder(count: source.count, seed: 9, shuffled: true), shard: shard,
                threads: threads))
        let data = loader.sampleShapes.map { Blob(Shape([shard.count] + $0.dims)) }
        let labels = Blob([shard.count])
        return try (0..<batches).map { _ in
            _ = try loader.next(into: data, labels: [labels])
            let images = data.map(\.dataArray)
            return (0..<shard.count).map { sample in
                images.flatMap { image in
                    let size = image.count / shard.count
                    return image[sample * size..<(sample + 1) * size]
                } + [labels.dataArray[sample]]
            }
        }
    }

    /// A packed database gives what the lists give: both images' channels one after the other, in the same order of
    /// pairs, with one crop for both.
    @Test func equalsTheLists() throws {
        let file = try packed()
        let records = try RecordPairs([.init(file, transform: Self.transforms("data"))])
        #expect(records.sampleShapes == [[6, 17, 17]])
        #expect(records.count == 20)
        #expect(records.names(of: 4) == ["\(file.path): record 00000004"])
        let images = try ImagePairs(
            list,
            columns: (0..<2).map {
                ImageColumn(list: $0, size: .init(width: 24, height: 20), transform: Self.transforms("data"))
            })
        let names = ["train1.txt:5: images/04_coffee_a.jpg", "train2.txt:5: images/05_coffee_b.jpg"]
        #expect(images.names(of: 4) == names)
        #expect(ColumnPairs(images, columns: [1]).names(of: 4) == names)
        let shard = Shard(whole: 6)
        let expected = try Self.samples(images, shard: shard)
        #expect(try Self.samples(records, shard: shard) == expected)
        #expect(try Self.samples(records, shard: shard, threads: 1) == expected)
        let ranks = try (0..<4).map { try Self.samples(records, shard: try Shard(batch: 6, rank: $0, worldSize: 4)) }
        for batch in expected.indices { #expect(ranks.flatMap { $0[batch] } == expected[batch]) }
    }

    /// Each list in a database of its own, for two Data layers.
    @Test func databasesAreReadInStep() throws {
        let files = try list.sources.enumerated().map { index, source in
            let one = try PairList([source], baseDirectory: Golden.directory.path)
            let path = scratch.path + "/lmdb\(index)"
            try PairPacker(.init(one, size: .init(width: 24, height: 20), output: path)).run()
            return try RecordFile(path)
        }
        let apart = try RecordPairs(files.map { .init($0, transform: Self.transforms("data")) })
        let together = try RecordPairs([.init(try packed(), transform: Self.transforms("data"))])
        #expect(
            try Self.samples(apart, shard: Shard(whole: 6)) == Self.samples(together, shard: Shard(whole: 6)))
        #expect(apart.fingerprint != together.fingerprint)
    }

    @Test func databasesMustAgree() throws {
        let text = try String(contentsOfFile: Golden.path("train1.txt"), encoding: .utf8)
        var lines = text.split(separator: "\n").map(String.init)
        func pack(_ name: String) throws -> RecordPairs.Column {
            let file = try scratch.write("\(name).txt", lines.joined(separator: "\n"))
            let list = try PairList([.init(file: file)], baseDirectory: Golden.directory.path)
            let path = scratch.path + "/" + name
            try PairPacker(.init(list, size: .init(width: 24, height: 20), output: path)).run()
            return .init(try RecordFile(path), transform: Self.transforms("data"))
        }
        let whole = try pack("whole")
        let label = try #require(lines[3].last)
        lines[3] = lines[3].dropLast() + (label == "1" ? "0" : "1")
        let other = try pack("other")
        lines.removeLast()
        let shorter = try pack("shorter")
        let counts = #expect(throws: RecordError.self) { try RecordPairs([whole, shorter]) }
        #expect(counts?.problem.hasPrefix("it has 19 records where \(whole.file.path) has 20; ") == true)
        let labels = #expect(throws: LoadError.self) {
            try Self.samples(try RecordPairs([whole, other]), shard: Shard(whole: 20), batches: 1)
        }
        #expect(labels?.description.contains("other: record 00000003: its label is") == true)
    }

    /// What Caffe's convert_imageset --encoded writes: the image file itself.
    @Test func encodedRecords() throws {
        let names = ["13_ihc_b.jpg", "16_brick_a_gray.jpg"]
        let path = scratch.path + "/encoded"
        try Records.write(
            try names.enumerated().map { index, name in
                Records.encoded(try bytes(of: Golden.path("images/" + name)), label: index)
            }, to: path)
        let file = try RecordFile(path)
        let source = try RecordPairs([
            .init(file, transform: ImageTransform(layer: "data", cropSize: 64))
        ])
        #expect(source.sampleShapes == [[3, 64, 64]])
        let reader = source.makeReader()
        let sample = Blob([3, 64, 64])
        let label = try sample.withMutableData { span throws(LoadError) in
            try reader.read(0, column: 0, position: 0, into: &span)
        }
        #expect(label == 0)
        #expect(sample.dataArray == (try Golden.array("preproc/native/13_ihc_b.jpg.npy").values))
        // The second is larger and grey: the middle of it, three times the same.
        let second = try sample.withMutableData { span throws(LoadError) in
            try reader.read(1, column: 0, position: 0, into: &span)
        }
        #expect(second == 1)
        #expect(Array(sample.dataArray.prefix(64 * 64)) == Array(sample.dataArray.suffix(64 * 64)))
        let grey = try RecordPairs([.init(file, transform: ImageTransform(layer: "data"), isColor: false)])
        #expect(grey.sampleShapes == [[1, 64, 64]])
    }

    @Test func brokenRecordsAreNamed() throws {
        func problem(_ records: [[UInt8]]) throws -> String? {
            let path = scratch.path + "/broken\(UUID())"
            try Records.write(records, to: path)
            let error = #expect(throws: LoadError.self) {
                let source = try RecordPairs([.init(try RecordFile(path), transform: ImageTransform(layer: "data"))])
                _ = try Self.samples(source, shard: Shard(whole: records.count), batches: 1)
            }
            return error?.description.replacingOccurrences(of: path + ": ", with: "")
        }
        let good = Records.raw([1, 2, 3, 4], channels: 1, height: 2, width: 2)
        #expect(try problem([Array("hello".utf8)])?.hasPrefix("record 00000000: it is no Datum: ") == true)
        #expect(try problem([good, Array(good.dropLast(3))])?.hasPrefix("record 00000001: ") == true)
        #expect(
            try problem([Records.raw([1, 2, 3], channels: 1, height: 2, width: 2)])
                == "record 00000000: it has 3 bytes of pixels for the shape 1×2×2")
        #expect(
            try problem([good, Records.raw([1, 2, 3, 4], channels: 1, height: 1, width: 4)])
                == "record 00000001: its shape is 1×1×4 where the first record's is 1×2×2 (channels×height×width)")
        #expect(
            try problem([Records.encoded(Array("GIF89a".utf8), label: 1)])?.contains("found a GIF image") == true)
    }

    @Test func whatIsNoDatabaseIsRefused() throws {
        let missing = #expect(throws: RecordError.self) { try RecordFile("/none/lmdb") }
        #expect(missing?.description == "the database /none/lmdb: there is no such folder")
        let folder = #expect(throws: RecordError.self) { try RecordFile(scratch.path) }
        #expect(folder?.problem == "there is no data.mdb in the folder")
        try scratch.write("CURRENT", "MANIFEST-000001\n")
        let level = #expect(throws: RecordError.self) { try RecordFile(scratch.path) }
        #expect(level?.problem.hasPrefix("it is a LevelDB") == true)
        try scratch.write("data.mdb", Array(repeating: 7, count: 20000))
        #expect(throws: RecordError.self) { try RecordFile(scratch.path) }
        try Records.write([], to: scratch.path + "/empty")
        let empty = #expect(throws: RecordError.self) { try RecordFile(scratch.path + "/empty") }
        #expect(empty?.problem == "it is empty")
    }

    /// liblmdb itself would follow its pages to where nothing is.
    @Test func aDamagedDatabaseIsRefused() throws {
        let record = Records.raw([1, 2, 3, 4], channels: 1, height: 2, width: 2)
        try Records.write(Array(repeating: record, count: 500), to: scratch.path + "/whole")
        let whole = try bytes(of: scratch.path + "/whole/data.mdb")
        #expect(try RecordFile(scratch.path + "/whole").count == 500)
        func problem(_ file: [UInt8]) throws -> String? {
            try scratch.write("data.mdb", file)
            return #expect(throws: RecordError.self) { try RecordFile(scratch.path) }?.problem
        }
        #expect(try problem([]) == "data.mdb is empty")
        #expect(try problem(Array(whole.prefix(3000)))?.contains("ends inside its header") == true)
        #expect(
            try problem(Array(whole.dropLast(8192)))?.contains("which may have been cut short; copy it anew") == true)
        // The root's page number in both headers: of the second tree, behind the first.
        var astray = whole
        for page in [0, 4096] { astray[page + 16 + 24 + 48 + 40] = 0xee }
        #expect(try problem(astray)?.contains("is not in the") == true)
        var other = whole
        other[16] ^= 1
        #expect(try problem(other)?.contains("no LMDB database") == true)
    }
}
