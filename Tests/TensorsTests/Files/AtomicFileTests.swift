import Foundation
import Tensors
import TestSupport
import Testing

struct AtomicFileTests {
    private struct Interrupted: Error {}

    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory("atomic") }

    @Test
    func piecesFollowOneAnother() throws {
        try AtomicFile.write(to: scratch.file("a")) { append in
            try append(Data("one ".utf8))
            try append(Data())
            try append(Data("two".utf8))
        }
        #expect(try scratch.text(of: "a") == "one two")
        #expect(try scratch.names == ["a"])
    }

    @Test
    func theOldFileStaysUntilTheNewOneIsWhole() throws {
        let path = try scratch.write("a", "old")
        try AtomicFile.write(to: path) { append in
            try append(Data("new".utf8))
            #expect(try scratch.text(of: "a") == "old")
        }
        #expect(try scratch.text(of: "a") == "new")
    }

    @Test
    func aFailureLeavesWhatWasThere() throws {
        let path = try scratch.write("a", "old")
        #expect(throws: Interrupted.self) {
            try AtomicFile.write(to: path) { append in
                try append(Data("half".utf8))
                throw Interrupted()
            }
        }
        #expect(try scratch.text(of: "a") == "old")
        #expect(try scratch.names == ["a"])
    }

    @Test
    func aMissingFolderIsNamed() throws {
        let path = scratch.file("missing/a")
        let error = try #require(throws: FileError.self) { try AtomicFile.write(to: path) { _ in } }
        #expect(error.description.contains("can't write \(path)"))
        #expect(error.reason == "No such file or directory")
    }

    @Test
    func aFolderInItsPlaceIsNamed() throws {
        try scratch.write("a/inside", "")
        let error = try #require(throws: FileError.self) { try AtomicFile.write(to: scratch.file("a")) { _ in } }
        #expect(error.description.contains("\(scratch.file("a")): Is a directory"))
        #expect(try scratch.names == ["a"])
    }

    @Test(.enabled(if: TestDisk.isPossible, "mounting a small disk takes root"))
    func aFullDiskIsNamedAndNothingIsLeft() throws {
        let disk = try TestDisk(kilobytes: 64)
        let error = try #require(throws: FileError.self) {
            try AtomicFile.write(to: disk.path + "/a") { append in
                for _ in 0..<5 { try append(Data(count: 30_000)) }
            }
        }
        #expect(error.reason == "No space left on device")
        #expect(error.description.hasPrefix("can't write \(disk.path)/a"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == [])
    }

    @Test(.enabled(if: TestDisk.isPossible, "write-protecting a disk takes root"))
    func aReadOnlyDiskIsNamed() throws {
        let disk = try TestDisk(kilobytes: 64)
        try disk.protect()
        let error = try #require(throws: FileError.self) { try AtomicFile.probe(prefix: disk.path + "/snap") }
        #expect(error.reason == "Read-only file system")
    }

    @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
    func aReadOnlyFolderIsNamed() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: scratch.path)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.path) }
        let error = try #require(throws: FileError.self) { try AtomicFile.probe(prefix: scratch.file("snap")) }
        #expect(error.reason == "Permission denied")
    }

    @Test
    func theProbeMakesFoldersAndLeavesNoFile() throws {
        try AtomicFile.probe(prefix: scratch.file("deep/er/snap"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("deep/er")) == [])
    }

    @Test
    func theProbeFindsAFileInTheWay() throws {
        try scratch.write("taken", "")
        let error = try #require(throws: FileError.self) { try AtomicFile.probe(prefix: scratch.file("taken/snap")) }
        #expect(error.description.contains("can't make the directory \(scratch.file("taken"))"))
    }
}
