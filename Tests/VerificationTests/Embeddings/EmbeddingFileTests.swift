import Foundation
import Tensors
import TestSupport
import Testing
import Verification

struct EmbeddingFileTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory("embeddings") }

    /// What numpy.save (2.4.6) writes for float32 0 … 5 as 3 × 2.
    private static func numpy(
        version: [UInt8] = [1, 0], head: String = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }",
        values: Int = 6, padding: Int = 118
    ) -> Data {
        let text = head.padding(toLength: padding - 1, withPad: " ", startingAt: 0) + "\n"
        let length = [UInt8(text.utf8.count & 0xff), UInt8(text.utf8.count >> 8)] + (version[0] == 1 ? [] : [0, 0])
        var data = Data([0x93] + Array("NUMPY".utf8) + version + length + Array(text.utf8))
        for value in 0..<values {
            withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { data.append(contentsOf: $0) }
        }
        return data
    }

    private func problem(_ data: Data) throws -> String {
        let path = try scratch.write("bad.npy", data)
        let error = #expect(throws: EmbeddingError.self) { try EmbeddingFile(path) }
        return try #require(error).problem
    }

    @Test
    func readsWhatNumPyWrites() throws {
        for data in [Self.numpy(), Self.numpy(version: [2, 0], padding: 116)] {
            let file = try EmbeddingFile(scratch.write("a.npy", data))
            #expect(file.count == 3 && file.length == 2)
            #expect(file.array(0..<3) == [0, 1, 2, 3, 4, 5])
            #expect(file.array(1..<2) == [2, 3])
            #expect(file.array(3..<3).isEmpty)
        }
    }

    @Test
    func writesWhatNumPyWrites() throws {
        let path = scratch.file("a.npy")
        let writer = try EmbeddingWriter(path, count: 3, length: 2)
        try writer.append(rows: [0, 1])
        #expect(!scratch.has("a.npy"))
        try writer.append(rows: [])
        try writer.append(rows: [2, 3, 4, 5])
        #expect(writer.written == 3)
        try writer.finish()
        #expect(try scratch.data(of: "a.npy") == Self.numpy())
        #expect(try scratch.names == ["a.npy"])
    }

    /// The head is as long as it was for the rows that were foreseen.
    @Test
    func fewerRowsMayComeThanForeseen() throws {
        let writer = try EmbeddingWriter(scratch.file("a.npy"), count: 100_000, length: 2)
        try writer.append(rows: [0, 1, 2, 3, 4, 5])
        try writer.finish()
        let file = try EmbeddingFile(scratch.file("a.npy"))
        #expect(file.count == 3 && file.length == 2)
        #expect(file.array(0..<3) == [0, 1, 2, 3, 4, 5])
    }

    @Test
    func anUnfinishedFileIsRemovedAndTheOldOneStays() throws {
        let path = try scratch.write("a.npy", Self.numpy())
        do {
            let writer = try EmbeddingWriter(path, count: 4, length: 1)
            try writer.append(rows: [7])
            #expect(try scratch.names.count == 2)
        }
        #expect(try scratch.names == ["a.npy"])
        #expect(try EmbeddingFile(path).count == 3)
    }

    @Test
    func longHeadsOfManyDigitsStayAtMultiplesOf64() throws {
        for (count, length) in [(1, 1), (2, 12345), (99_999, 1)] {
            let path = scratch.file("\(count).npy")
            let writer = try EmbeddingWriter(path, count: count, length: length)
            let values = (0..<count * length).map { Float($0) }
            try writer.append(rows: values)
            try writer.finish()
            #expect(try (scratch.data(of: "\(count).npy").count - 4 * values.count).isMultiple(of: 64))
            #expect(try EmbeddingFile(path).array(0..<count) == values)
        }
    }

    @Test(arguments: [
        ("'<f8', 'fortran_order': False, 'shape': (3, 1)", "expected float32 ('<f4'), found '<f8'; save it as"),
        ("'>f4', 'fortran_order': False, 'shape': (3, 2)", "expected float32 ('<f4'), found '>f4'; save it as"),
        ("[('x', '<f4')], 'fortran_order': False, 'shape': (3, 2)", "expected float32 ('<f4'), found [('x'"),
        ("'<f4', 'fortran_order': True, 'shape': (3, 2)", "expected rows one after the other, found columns"),
        ("'<f4', 'fortran_order': False, 'shape': (6,)", "expected N × d, a row for each embedding, found 6"),
        ("'<f4', 'fortran_order': False, 'shape': ()", "expected N × d, a row for each embedding, found one number"),
        ("'<f4', 'fortran_order': False, 'shape': (3, 2, 1)", "expected N × d, a row for each embedding, found 3 × 2"),
        ("'<f4', 'fortran_order': False, 'shape': (0, 2)", "expected N × d, a row for each embedding, found 0 × 2"),
        ("'<f4', 'fortran_order': False, 'shape': (3, -2)", "its head has no proper \"shape\""),
        ("'<f4', 'fortran_order': False", "its head has no proper \"shape\""),
        ("'<f4', 'shape': (3, 2)", "its head has no proper \"fortran_order\""),
        ("'<f4', 'fortran_order': False, 'shape': (4, 2)", "its head says 4 × 2, 32 bytes, where 24 follow"),
        ("'<f4', 'fortran_order': False, 'shape': (2, 2)", "its head says 2 × 2, 16 bytes, where 24 follow"),
        ("'<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)", "too many bytes, where 24 follow"),
    ])
    func otherArraysAreRefused(head: String, says: String) throws {
        let problem = try problem(Self.numpy(head: "{'descr': \(head), }"))
        #expect(problem.contains(says), "\(problem)")
    }

    @Test
    func otherFilesAreRefused() throws {
        #expect(try problem(Data("hello".utf8)) == "it is no .npy file: those begin with the bytes \\x93NUMPY")
        #expect(try problem(Data("hello, this is no array".utf8)).hasPrefix("it is no .npy file: those begin"))
        #expect(try problem(Self.numpy(version: [3, 0], padding: 116)).hasPrefix("it is .npy version 3.0, where"))
        #expect(try problem(Self.numpy().prefix(100)) == "it ends inside its head")
        #expect(try problem(Self.numpy(padding: 117)).hasPrefix("its values begin at byte 127, no multiple of 4"))
        let missing = #expect(throws: EmbeddingError.self) { try EmbeddingFile(scratch.file("none.npy")) }
        #expect(missing?.description.hasSuffix("none.npy: can't read it: No such file or directory") == true)
        #expect(throws: EmbeddingError.self) { try EmbeddingFile(scratch.path) }
        #expect(throws: FileError.self) { try EmbeddingWriter(scratch.file("no/folder.npy"), count: 1, length: 1) }
    }
}
