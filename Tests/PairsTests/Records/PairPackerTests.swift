import Foundation
import Pairs
import Tensors
import TestSupport
import Testing

struct PairPackerTests {
    private let scratch: Scratch
    private let list: PairList
    private let size = ImageError.Size(width: 24, height: 20)

    init() throws {
        scratch = try Scratch()
        list = try PairList(
            [.init(file: "train1.txt"), .init(file: "train2.txt")], baseDirectory: Golden.directory.path)
    }

    private func packer(_ name: String, threads: Int = 2) -> PairPacker {
        PairPacker(.init(list, size: size, output: path(name), threads: threads))
    }

    private func path(_ name: String) -> String { scratch.path + "/" + name }

    /// Keys, fields and pixels as Caffe's tools expect them.
    @Test func recordsAreDatums() throws {
        try packer("lmdb").run()
        let records = try Records.read(path("lmdb"))
        #expect(records.map(\.key) == (0..<20).map { "000000" + ($0 < 10 ? "0" : "") + "\($0)" })
        let head: [UInt8] = [0x08, 6, 0x10, 20, 0x18, 24, 0x22, 0xc0, 0x16]  // 2880 bytes
        for (index, (_, record)) in records.enumerated() {
            #expect(record.starts(with: head))
            let tail = record.dropFirst(head.count + 2880)
            #expect(tail.prefix(4) == [0x28, UInt8(list.labels[index]), 0xa9, 0x06], "label, then field 101")
            #expect(tail.count == 12)
        }
        let pixels = try (0..<2).flatMap { column in
            let column = ImageColumn(list: column, size: size, transform: ImageTransform(layer: "data"))
            let source = try ImagePairs(list, columns: [column])
            return try read(source, 7)
        }
        #expect(records[7].record[head.count..<head.count + 2880].map(Float.init) == pixels)
    }

    /// As many bytes, whatever the number of threads, and when it goes on after an interruption.
    @Test func goesOnWhereItWasInterrupted() throws {
        try packer("whole", threads: 1).run()
        let whole = try Records.read(path("whole")).map(\.record)
        var told: [Int] = []
        for limit in [3, 1, 5] { try packer("parts", threads: 3).run(limit: limit) }
        let begun = #expect(throws: RecordError.self) { try RecordFile(path("parts")) }
        #expect(begun?.problem.hasPrefix("it holds 9 of 20 pairs: the packing was interrupted") == true)
        try packer("parts").run { told.append($0) }
        #expect(told == [9, 20])
        #expect(try Records.read(path("parts")).map(\.record) == whole)
        told = []
        try packer("parts").run { told.append($0) }
        #expect(told == [20])
        #expect(try RecordFile(path("parts")).fingerprint == RecordFile(path("whole")).fingerprint)
    }

    @Test func anotherDatabaseIsLeftAlone() throws {
        try packer("lmdb").run(limit: 2)
        let other = PairPacker(.init(list, size: size, isColor: false, output: path("lmdb")))
        let error = #expect(throws: RecordError.self) { try other.run() }
        #expect(error?.problem.hasPrefix("it was packed from other lists or with other settings") == true)
        try Records.write([[1]], to: path("caffes"))
        let caffes = #expect(throws: RecordError.self) { try packer("caffes").run() }
        #expect(caffes?.problem.hasPrefix("it is there already") == true)
    }

    @Test func faultsOfListsAndImages() throws {
        let half = try scratch.write("half.txt", "a.jpg 1\nb.jpg 0.5\n")
        let labels = #expect(throws: RecordError.self) {
            try PairPacker(.init(try PairList([.init(file: half)]), size: size, output: path("half"))).run()
        }
        #expect(labels?.problem == "\(half):2: a Datum holds whole numbers as labels, found 0.5")
        let good = Golden.path("images/00_astronaut_a.jpg")
        let broken = try scratch.write("broken.txt", "\(good) 1\n/none/a.jpg 0\n\(good) 1\n/none/b.jpg 1\n")
        let image = #expect(throws: LoadError.self) {
            try PairPacker(
                .init(try PairList([.init(file: broken)]), size: size, output: path("broken"), threads: 3)
            ).run()
        }
        #expect(image?.place == "\(broken):2")
    }

    /// Reading back finds a single flipped bit, wherever it is.
    @Test func checkReadsItAllBack() throws {
        try packer("lmdb").run()
        let report = "20 records of 6×20×24 (label 0: 9, label 1: 11); every checksum is right"
        #expect(try PackCheck(path("lmdb"), threads: 2).description == report)
        var records = try Records.read(path("lmdb")).map(\.record)
        records[11][1000] ^= 1
        try Records.write(records, to: path("damaged"))
        let error = #expect(throws: LoadError.self) { try PackCheck(path("damaged"), threads: 2) }
        #expect(
            error?.description
                == "\(path("damaged")): record 00000011: its checksum does not match: it is damaged; pack it anew")
        try Records.write([Records.raw([1, 2], channels: 1, height: 1, width: 2, label: 3)], to: path("caffes"))
        #expect(
            try PackCheck(path("caffes"), threads: 1).description
                == "1 records of 1×1×2 (label 3: 1); the records have no checksums")
    }

    private func read(_ source: any PairSource, _ index: Int) throws -> [Float] {
        let sample = Blob(source.sampleShapes[0])
        _ = try sample.withMutableData { span throws(LoadError) in
            try source.makeReader().read(index, column: 0, position: 0, into: &span)
        }
        return sample.dataArray
    }
}
