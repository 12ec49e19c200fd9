import Foundation
import Pairs
import Testing

struct ImageCollectionTests {
    private let images: MadeImages

    init() throws { images = try MadeImages() }

    private var path: String { images.scratch.path }

    /// "p00/1.png" and so on, with the identity each.
    private func content(_ collection: ImageCollection, below folder: String = "faces") -> [String] {
        (0..<collection.table.imageCount).map { image in
            let table = collection.table
            return table.path(image).replacing("\(path)/\(folder)/", with: "")
                + " " + table.name(ofIdentity: table.identity(of: image))
        }
    }

    @Test func folderWithAllThatIsNoImage() throws {
        let folder = try images.addFolder("faces", [2, 1])
        try images.scratch.write("faces/notes.txt", "x")
        try images.scratch.write("faces/p00/notes.txt", "x")
        try images.scratch.write("faces/p00/empty.png", "")
        try images.scratch.write("faces/p00/.hidden.png", "x")
        try images.scratch.write("faces/.thumbs/x.png", "x")
        try images.add("faces/p00/deep/0.png")
        try images.scratch.link("faces/p00/gone.png", to: "nowhere.png")
        try images.scratch.link("faces/p00/2.png", to: "1.png")
        try FileManager.default.createDirectory(atPath: "\(folder)/p77", withIntermediateDirectories: true)
        try images.add("elsewhere/linked.png")
        try images.scratch.link("faces/p02", to: "../elsewhere")
        let found = try ImageCollection(.folder(folder + "/"))
        #expect(content(found) == ["p00/0.png p00", "p00/1.png p00", "p01/0.png p01", "p02/linked.png p02"])
        #expect(
            found.passedOver.groups.mapValues(\.count) == [
                .hidden: 2, .notImage: 2, .sameAgain: 1, .linkToNothing: 1, .folderInIdentity: 1, .fileBesideFolders: 1,
                .emptyFolder: 1,
            ])
        #expect(found.passedOver.lines.first == "2 × hidden, as \(folder)/.thumbs")
        let unseen = try ImageCollection(.folder(folder), looking: .notAtAll)
        #expect(unseen.table.imageCount == 6)
    }

    @Test func tables() throws {
        try images.addFolder("faces", [2, 1])
        let rows = [("faces/p01/0.png", "zoe"), ("faces/p00/1.png", "amy, b"), ("faces/p00/0.png", "amy, b")]
        let expected = ["p00/0.png amy, b", "p00/1.png amy, b", "p01/0.png zoe"]
        let csv = rows.map { "\($0.0),\"\($0.1)\"\r\n" }.joined()
        let header = "age,Identity,Path\n" + rows.map { "7,\"\($0.1)\",\($0.0)\n" }.joined()
        let tsv = rows.map { "\($0.0)\t\($0.1)\n" }.joined()
        for text in [csv, header, tsv, tsv + "faces/p01/0.png\tzoe\n"] {
            let table = try images.scratch.write("table", text)
            #expect(content(try ImageCollection(.table(table))) == expected)
        }
    }

    @Test func viewsOfTablesAndFolders() throws {
        try images.addFolder("photos", [2, 1, 0])
        try images.addFolder("sketches", [1, 0, 1])
        let folders = try ImageCollection(.folders("\(path)/photos", "\(path)/sketches"))
        let table = try images.scratch.write(
            "t.csv", "photos/p00/1.png,p00,ir\nsketches/p00/0.png,p00,visible\nphotos/p00/0.png,p00,ir\n")
        let listed = try ImageCollection(.table(table))
        #expect(listed.views == ["ir", "visible"])
        #expect(folders.table.hasViews && listed.table.hasViews)
        #expect(folders.table.images(of: 0, side: 0) == 0..<2 && folders.table.images(of: 0, side: 1) == 2..<3)
        #expect(folders.table.images(of: 1, side: 0) == 3..<4 && folders.table.images(of: 1, side: 1) == 4..<4)
        #expect(folders.table.images(of: 2, side: 0) == 4..<4 && folders.table.images(of: 2, side: 1) == 4..<5)
        #expect(listed.table.images(of: 0, side: 0) == 0..<2 && listed.table.images(of: 0, side: 1) == 2..<3)
    }

    @Test(arguments: [
        ("a.png,p,1\nb.png,p,2\nc.png,p,3\n", "TABLE:3: a third view \"3\" beside \"1\" and \"2\""),
        ("a.png,p,1\nb.png,p,1\n", "TABLE: the column view has one value only; give two, or leave the column out"),
        ("a.png,p\nb.png\n", "TABLE:2: 1 column, where the first line has 2"),
        (
            "a.png\n",
            """
            TABLE:1: found 1 column, expected path, identity and perhaps view, with commas between; a table with others \
            needs a first line with these names
            """
        ),
        ("a.png,\"p\n", "TABLE:1: a value's opening quote is never closed"),
        (
            "a.png,\"p\nq\"\n",
            """
            TABLE:1: a tab, line break or other control character in the identity; a list has a pair a line, so rename it
            """
        ),
        (
            "a.png,p\nd.png,p\n",
            """
            TABLE:2: no such file: d.png (looked in the working directory and in FOLDER); mend the path, or take out the \
            line
            """
        ),
        (
            "a.png,p\na.png,q\n",
            """
            a leak between identities: one file under two of them: TABLE:1: FOLDER/a.png (identity p) and TABLE:2: \
            FOLDER/a.png (identity q); take one away
            """
        ),
        (
            "a.png,p,1\na.png,p,2\n",
            """
            one file is both views of an identity: TABLE:1: FOLDER/a.png (identity p) and TABLE:2: FOLDER/a.png \
            (identity p); give two different images
            """
        ),
        (
            "path,identity\n",
            """
            TABLE: found no image; expected a folder with a folder of JPEG or PNG images for each identity, as in \
            faces/s1/1.png, or a table with the columns path and identity
            """
        ),
    ])
    func faultsOfTables(text: String, message: String) throws {
        for name in ["a.png", "b.png", "c.png"] { try images.add(name) }
        let table = try images.scratch.write("t.csv", text)
        let error = #expect(throws: MakingError.self) { try ImageCollection(.table(table)) }
        #expect(
            error?.description == message.replacing("TABLE", with: table).replacing("FOLDER", with: path))
    }

    /// Links, hard links and, where contents are read, copies.
    @Test func onePictureUnderTwoIdentities() throws {
        let folder = try images.addFolder("faces", [2, 2])
        try images.add("faces/p01/copy.png", content: 99)
        try images.add("faces/p00/copy.png", content: 99)
        #expect(try ImageCollection(.folder(folder)).table.imageCount == 6)
        #expect(throws: MakingError.self) { try ImageCollection(.folder(folder), looking: .atContent) }
        try FileManager.default.removeItem(atPath: folder + "/p01/copy.png")
        #expect(try ImageCollection(.folder(folder), looking: .atContent).table.imageCount == 5)
        try images.scratch.link("faces/p01/link.png", to: "../p00/0.png")
        let error = #expect(throws: MakingError.self) { try ImageCollection(.folder(folder)) }
        #expect(
            error
                == .samePicture(
                    first: .init(place: folder + "/p00/0.png", identity: "p00"),
                    second: .init(place: folder + "/p01/link.png", identity: "p01"), how: .file))
    }

    @Test func namesThatListsCannotHold() throws {
        let folder = try images.addFolder("faces", [1])
        try images.add("faces/p00/a\nb.png")
        #expect(throws: MakingError.self) { try ImageCollection(.folder(folder)) }
    }

    @Test func noFolder() {
        #expect(throws: MakingError.unreadable(what: "folder", path: "/nowhere", reason: "No such file or directory")) {
            try ImageCollection(.folder("/nowhere"))
        }
    }
}
