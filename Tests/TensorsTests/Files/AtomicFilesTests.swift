import Foundation
import Tensors
import TestSupport
import Testing

struct AtomicFilesTests {
    private struct Interrupted: Error {}

    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory("files") }

    private func part(_ name: String, _ text: String, fails: Bool = false) -> AtomicFile.Part {
        AtomicFile.Part(name: name) { append in
            try append(Data(text.utf8))
            if fails { throw Interrupted() }
        }
    }

    @Test func allAreWrittenIntoANewFolder() throws {
        try AtomicFile.write([part("a", "1"), part("b", "2")], to: scratch.file("new/lists"))
        #expect(try scratch.text(of: "new/lists/a") == "1" && scratch.text(of: "new/lists/b") == "2")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("new/lists")).sorted() == ["a", "b"])
    }

    @Test func orNone() throws {
        try scratch.write("a", "old")
        #expect(throws: Interrupted.self) {
            try AtomicFile.write([part("a", "1"), part("b", "2", fails: true)], to: scratch.path)
        }
        try scratch.write("b/file", "in a folder")
        let error = #expect(throws: FileError.self) {
            try AtomicFile.write([part("a", "1"), part("b", "2")], to: scratch.path)
        }
        #expect(error?.description == "can't write \(scratch.file("b")): there is a folder of this name")
        #expect(try scratch.names == ["a", "b"])
        #expect(try scratch.text(of: "a") == "old")
    }

    @Test func refusesToOverwrite() throws {
        try scratch.write("b", "old")
        try AtomicFile.refuse(["a", "c"], in: scratch.path, hint: "hint")
        let error = #expect(throws: FileError.self) {
            try AtomicFile.refuse(["a", "b"], in: scratch.path, hint: "give --force")
        }
        #expect(error?.description == "can't write \(scratch.file("b")): it is there already; give --force")
    }
}
