import Foundation
import Pairs
import TestSupport
import Testing

struct PairFilesTests {
    private let images: MadeImages

    init() throws { images = try MadeImages() }

    /// The text of each file.
    private func texts(_ files: [PairFiles.File]) throws -> [String: String] {
        try files.reduce(into: [:]) { texts, file in
            var text = ""
            try file.write { text += String(decoding: $0, as: UTF8.self) }
            texts[file.name] = text
        }
    }

    @Test func linesOfOneRoot() throws {
        let folder = try images.addFolder("my faces", [2, 1])
        let table = try ImageCollection(.folder(folder)).table
        let files = try PairFiles(table, root: images.scratch.file("lists"))
        let pairs = [MadePair(1, 0, isMatching: true), MadePair(0, 2, isMatching: false)]
        #expect(
            try texts(files.files(of: .init(name: "val", identities: [0, 1]), pairs: pairs) + [files.identities]) == [
                "val1.txt": "../my faces/p00/1.png 1\n../my faces/p00/0.png 0\n",
                "val2.txt": "../my faces/p00/0.png 1\n../my faces/p01/0.png 0\n",
                "val_identities.txt": "p00\tp00\np00\tp01\n",
                "val_images.txt": "../my faces/p00/0.png 0\n../my faces/p00/1.png 0\n../my faces/p01/0.png 1\n",
                "identities.txt": "0\tp00\n1\tp01\n",
            ])
    }

    @Test func linesOfTwoViews() throws {
        try images.addFolder("a", [1, 0])
        try images.addFolder("b", [2, 1])
        let table = try ImageCollection(.folders(images.scratch.file("a"), images.scratch.file("b"))).table
        let files = try PairFiles(table, root: images.scratch.path)
        let texts = try texts(files.files(of: .init(name: "s", identities: [1]), pairs: []))
        #expect(texts["s_images1.txt"] == "" && texts["s_images2.txt"] == "b/p01/0.png 1\n")
        #expect(texts.count == 5)
        #expect(
            (texts.keys + ["identities.txt"]).sorted() == PairFiles.names(of: ["s"], hasViews: true).sorted())
    }

    /// As the system goes through links, from folders that aren't there yet, too.
    @Test func pathsFromFolders() throws {
        try images.add("real/deep/faces/p/0.png")
        try images.scratch.link("link", to: "real/deep")
        let path = images.scratch.path
        for (root, file, expected) in [
            (path, "\(path)/link/faces/p/0.png", "real/deep/faces/p/0.png"),
            ("\(path)/link", "\(path)/real/deep/faces/p/0.png", "faces/p/0.png"),
            ("\(path)/link/new/lists", "\(path)/real/deep/faces/p/0.png", "../../faces/p/0.png"),
            ("\(path)/link/../x/./y", "\(path)/real/deep/faces/p/0.png", "../../deep/faces/p/0.png"),
            ("/", "/a b/c.png", "a b/c.png"),
        ] {
            var folder = FolderPaths(from: root)
            let found = String(decoding: folder.path(of: Array(file.utf8)[...]), as: UTF8.self)
            #expect(found == expected)
        }
    }

    /// The lists that are written are lists that can be read, with every image in its place.
    @Test func listsReadBack() throws {
        let folder = try images.addFolder("faces", [3, 3, 3])
        let table = try ImageCollection(.folder(folder)).table
        let pairs = try PairMaker(table, table.whole, PairRecipe()).pairs()
        for (name, text) in try texts(PairFiles(table, root: images.scratch.path).files(of: table.whole, pairs: pairs))
        {
            try images.scratch.write(name, text)
        }
        let list = try PairList(
            [.init(file: "train1.txt"), .init(file: "train2.txt")], baseDirectory: images.scratch.path)
        #expect(list.count == 18 && list.missingImages() == [])
        #expect(list.labels == pairs.map { $0.isMatching ? 1 : 0 })
    }
}
