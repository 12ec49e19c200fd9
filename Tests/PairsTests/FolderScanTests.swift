import Foundation
import Pairs
import TestSupport
import Testing

/// What is missing, where folders are read instead of asking for each file.
struct FolderScanTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func makeFolder(_ name: String, files: Int) throws {
        try FileManager.default.createDirectory(
            atPath: "\(scratch.path)/\(name)", withIntermediateDirectories: true)
        for file in 0..<files { try scratch.write("\(name)/\(file).jpg", "x") }
    }

    /// The places of what is missing in a list of these paths.
    private func missing(_ paths: [String], rootFolder: String = "", limit: Int = 10) throws -> [String] {
        try scratch.write("list.txt", paths.map { "\($0) 1\n" }.joined())
        let list = try PairList(
            [.init(file: "list.txt", rootFolder: rootFolder)], baseDirectory: scratch.path)
        return list.missingImages(limit: limit).map(\.place)
    }

    @Test func fullFoldersAndThinOnes() throws {
        try makeFolder("full", files: 40)
        try makeFolder("thin", files: 2)
        try makeFolder("wide", files: 900)
        let full = (0..<40).map { "full/\($0).jpg" }
        let some = (0..<9).map { "wide/\(100 * $0 + 99).jpg" }
        #expect(try missing(full + ["thin/0.jpg", "thin/1.jpg"] + some) == [])
        #expect(
            try missing(["full/40.jpg"] + full + ["thin/2.jpg"] + some + ["full/0.jpeg", "wide/900.jpg", "none/1.jpg"])
                == ["list.txt:1", "list.txt:42", "list.txt:52", "list.txt:53", "list.txt:54"])
    }

    /// In one folder a link to nothing, a link to a file, a folder and files of a folder further down.
    @Test func whatIsNoRegularFileIsAskedFor() throws {
        try makeFolder("a", files: 20)
        try makeFolder("a/b", files: 20)
        let files = FileManager.default
        try files.createSymbolicLink(atPath: "\(scratch.path)/a/gone.jpg", withDestinationPath: "nowhere.jpg")
        try files.createSymbolicLink(atPath: "\(scratch.path)/a/link.jpg", withDestinationPath: "b/7.jpg")
        let paths = (0..<20).flatMap { ["a/\($0).jpg", "a/b/\($0).jpg", "a/../a/\($0).jpg"] }
        #expect(try missing(paths + ["a/link.jpg", "a/gone.jpg", "a/b"]) == ["list.txt:62"])
    }

    @Test(arguments: ["FOLDER/images/", "images/", "", "images/x"])
    func rootFolders(root: String) throws {
        try makeFolder("images", files: 20)
        try makeFolder("images/x1", files: 20)
        let prefix = root == "" ? "images/" : root == "images/x" ? "1/" : ""
        let names = (0..<20).map { "\(prefix)\($0).jpg" } + ["\(prefix)20.jpg"]
        let folder = root.replacing("FOLDER", with: scratch.path)
        #expect(try missing(names, rootFolder: folder) == ["list.txt:21"])
    }

    /// Lines beside the prototxt, without a folder.
    @Test func besideTheList() throws {
        for file in 0..<20 { try scratch.write("\(file).jpg", "x") }
        #expect(try missing((0..<21).map { "\($0).jpg" }) == ["list.txt:21"])
    }

    /// With a wrong root folder everything is missing; the first few are enough.
    @Test func theFirstOfMany() throws {
        let paths = (0..<3000).map { "none/\($0).jpg" }
        #expect(try missing(paths, limit: 3) == ["list.txt:1", "list.txt:2", "list.txt:3"])
    }

    /// 200,000 lines take a tenth of a second each way; the bound is that of what is not quadratic.
    @Test(.timeLimit(.minutes(5)))
    func longListsAreReadQuickly() throws {
        for folder in 0..<20 { try makeFolder("\(folder)", files: 100) }
        let lines = (0..<200_000).map { "\($0 % 20)/\($0 / 20 % 100).jpg \($0 % 2)\n" }.joined()
        try scratch.write("list.txt", lines)
        try scratch.write("twin.txt", lines)
        let start = ContinuousClock.now
        let list = try PairList([.init(file: "list.txt"), .init(file: "twin.txt")], baseDirectory: scratch.path)
        let order = PairOrder(count: list.count, seed: 1, shuffled: true)
        _ = order.index(at: 0)
        #expect(list.missingImages() == [])
        #expect(list.count == 200_000)
        #expect(start.duration(to: .now) < .seconds(10))
    }
}
