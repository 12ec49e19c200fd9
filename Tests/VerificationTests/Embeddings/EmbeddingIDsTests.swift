import Foundation
import TestSupport
import Testing
import Verification

struct EmbeddingIDsTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory("ids") }

    private func file(rows: Int) throws -> EmbeddingFile {
        let writer = try EmbeddingWriter(scratch.file("x.npy"), count: rows, length: 1)
        try writer.append(rows: [Float](repeating: 1, count: rows))
        try writer.finish()
        return try EmbeddingFile(writer.path)
    }

    @Test
    func areTheListsLines() throws {
        let list = "a b/c.jpg 0\r\nd.jpg\t16777217\ne.jpg  -2.5\n\n \n"
        try scratch.write("x.ids.txt", list)
        let ids = try EmbeddingIDs(beside: file(rows: 3))
        #expect(ids.count == 3)
        #expect((0..<3).map(ids.path) == ["a b/c.jpg", "d.jpg", "e.jpg"])
        #expect(ids.labels == [0, 16_777_217, -2.5])
    }

    /// Where the first line has no number at its end no line has a label.
    @Test
    func listsOfPathsAreLines() throws {
        try scratch.write("x.ids.txt", "a b/c.jpg\nd 17\n")
        let ids = try EmbeddingIDs(beside: file(rows: 2))
        #expect((0..<2).map(ids.path) == ["a b/c.jpg", "d 17"])
        #expect(ids.labels == nil)
    }

    @Test
    func theirPlaceIsBesideTheEmbeddings() {
        #expect(EmbeddingIDs.path(beside: "a/x.npy") == "a/x.ids.txt")
        #expect(EmbeddingIDs.path(beside: "a/x") == "a/x.ids.txt")
    }

    @Test(arguments: [
        ("a.jpg 1\nb.jpg\n", ":2: no space between path and label"),
        ("a.jpg 1\nb.jpg one\n", ":2: the label \"one\" is no number"),
        ("a.jpg 1\nb.jpg nan\n", ":2: the label \"nan\" is no number"),
        ("a.jpg 1\n\nb.jpg 2\n", ":2: a blank line before the end"),
    ])
    func badLinesAreNamed(text: String, says: String) throws {
        let path = try scratch.write("x.ids.txt", text)
        let error = #expect(throws: EmbeddingError.self) { try EmbeddingIDs(path) }
        #expect(error?.description.contains(path + says) == true, "\(error.map(String.init(describing:)) ?? "")")
    }

    @Test
    func asManyAsRowsAreNeeded() throws {
        try scratch.write("x.ids.txt", "a.jpg 1\n")
        let error = #expect(throws: EmbeddingError.self) { try EmbeddingIDs(beside: file(rows: 2)) }
        #expect(error?.problem.hasPrefix("it has 2 rows, but \(scratch.file("x.ids.txt")) has 1 lines") == true)
        try FileManager.default.removeItem(atPath: scratch.file("x.ids.txt"))
        let missing = #expect(throws: EmbeddingError.self) { try EmbeddingIDs(beside: file(rows: 2)) }
        #expect(missing?.problem == "can't read it: No such file or directory")
    }
}
