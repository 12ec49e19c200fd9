import Pairs
import TestSupport
import Testing

struct PairListTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Reads lists of these texts, named a.txt, b.txt …, relative to the scratch folder.
    private func list(_ texts: String..., rootFolder: String = "") throws -> PairList {
        let names = ["a.txt", "b.txt", "c.txt"].prefix(texts.count)
        for (name, text) in zip(names, texts) { try scratch.write(name, text) }
        return try PairList(
            names.map { .init(file: $0, rootFolder: rootFolder) }, baseDirectory: scratch.path)
    }

    private func message(_ texts: String...) throws -> String? {
        let error = #expect(throws: PairListError.self) {
            switch texts.count {
            case 1: _ = try list(texts[0])
            default: _ = try list(texts[0], texts[1])
            }
        }
        return error?.description
    }

    @Test func goldenTrainingPairs() throws {
        let list = try PairList(
            [.init(file: "train1.txt"), .init(file: "train2.txt")], baseDirectory: Golden.directory.path)
        #expect(list.count == 20)
        #expect(list.columns == 2)
        #expect(list.path(column: 0, index: 0) == "images/00_astronaut_a.jpg")
        #expect(list.labels.prefix(3) == [1, 0, 1])
        let counts = try #require(try ImagePairs(list, columns: []).labelCounts)
        #expect(counts.map(\.label) == [0, 1])
        #expect(counts.map(\.count).reduce(0, +) == 20)
        #expect(list.missingImages() == [])
    }

    @Test func splitsAtTheLastBlank() throws {
        let list = try list("my picture.jpg 3\nb.jpg\t-1\r\nc.jpg  2.5 \r\n\r\n \n", rootFolder: "root/x_")
        #expect(list.count == 3)
        #expect(list.path(column: 0, index: 0) == "root/x_my picture.jpg")
        #expect(list.path(column: 0, index: 2) == "root/x_c.jpg")
        #expect(list.labels == [3, -1, 2.5])
        #expect(list.place(column: 0, index: 2) == "a.txt:3")
    }

    @Test func passesOverAByteOrderMarkAndAMissingLastNewline() throws {
        let list = try list("\u{feff}a.jpg 1\nb.jpg 0")
        #expect(list.path(column: 0, index: 0) == "a.jpg")
        #expect(list.labels == [1, 0])
    }

    /// Where labels are optional the first line decides whether there are any.
    @Test func listsMayBeOfPathsOnly() throws {
        try scratch.write("a.txt", "my picture.jpg\nb 1\n")
        try scratch.write("b.txt", "a.jpg 1\nb.jpg\n")
        let list = try PairList([.init(file: "a.txt")], baseDirectory: scratch.path, labelsAreOptional: true)
        #expect(!list.isLabelled && list.labels == [0, 0])
        #expect((0..<2).map { list.path(column: 0, index: $0) } == ["my picture.jpg", "b 1"])
        #expect(try ImagePairs(list, columns: []).labels == nil)
        let error = #expect(throws: PairListError.self) {
            try PairList([.init(file: "b.txt")], baseDirectory: scratch.path, labelsAreOptional: true)
        }
        #expect(error?.description.hasPrefix("b.txt:2: no space between path and label") == true)
        try scratch.write("b.txt", "a.jpg 1\nb.jpg 2\n")
        #expect(
            try PairList([.init(file: "b.txt")], baseDirectory: scratch.path, labelsAreOptional: true).labels == [1, 2])
    }

    @Test func malformedLinesAreQuoted() throws {
        let expected = "expected a path, a space and a number, as in \"images/a.jpg 1\""
        #expect(
            try message("a.jpg 1\nb.jpg\n") == "a.txt:2: no space between path and label; \(expected)\n    b.jpg")
        #expect(
            try message("a.jpg 1\nb c.jpg yes\n")
                == "a.txt:2: the label \"yes\" is no number; \(expected)\n    b c.jpg yes")
        #expect(try message("a.jpg nan\n") == "a.txt:1: the label \"nan\" is no number; \(expected)\n    a.jpg nan")
        #expect(try message(" 1\n") == "a.txt:1: no path; \(expected)\n     1")
        #expect(try message("a.jpg 1\n\nb.jpg 1\n") == "a.txt:2: a blank line before the end; \(expected)\n    ")
        #expect(
            try message("a\0.jpg 1\n") == "a.txt:1: a zero byte: is this UTF-16, or no text?; \(expected)\n    a.jpg 1")
    }

    @Test func emptyAndMissingLists() throws {
        #expect(try message("\n\n") == "the list a.txt is empty; it needs at least one line \"path label\"")
        let missing = #expect(throws: PairListError.self) {
            try PairList([.init(file: "none.txt")], baseDirectory: scratch.path)
        }
        #expect(
            missing?.description == """
                can't read the list none.txt: No such file or directory \
                (looked in the working directory and in \(scratch.path))
                """)
        let folder = #expect(throws: PairListError.self) { try PairList([.init(file: scratch.path)]) }
        #expect(folder?.description == "can't read the list \(scratch.path): Is a directory")
    }

    @Test func labelsMustAgree() throws {
        #expect(
            try message("a 1\nb 0\nc 1\n", "d 1\ne 1\nf 0\n") == """
                the lists disagree on the label of line 2; pairs need the same label on the same line of each list
                    a.txt:2: b 0
                    b.txt:2: e 1
                """)
        #expect(
            try message("a 1\nb 0\nc 1\n", "d 1\nf 1\n") == """
                the lists disagree on the label of line 2; pairs need the same label on the same line of each list
                    a.txt:2: b 0
                    b.txt:2: f 1
                The lists also have 3 and 2 lines: one may lack a line before this.
                """)
    }

    @Test func lengthsMustAgree() throws {
        #expect(
            try message("a 1\nb 0\nc 1\n", "d 1\ne 0\n")
                == "the lists have different lengths, 3 and 2 lines; b.txt ends before\n    a.txt:3: c 1")
        #expect(
            try message("a 1\n", "d 1\ne 0\n")
                == "the lists have different lengths, 1 and 2 lines; a.txt ends before\n    b.txt:2: e 0")
    }

    @Test func fingerprintIsOfTheContent() throws {
        let first = try list("a.jpg 1\nb.jpg 0\n").fingerprint
        #expect(try list("a.jpg 1\r\nb.jpg 0\r\n\r\n").fingerprint == first)
        #expect(try list("a.jpg 1\nc.jpg 0\n").fingerprint != first)
        #expect(try list("a.jpg 1\nb.jpg 1\n").fingerprint != first)
        #expect(try list("b.jpg 0\na.jpg 1\n").fingerprint != first)
        #expect(try list("a.jpg 1\nb.jpg 0\n", "a.jpg 1\nb.jpg 0\n").fingerprint != first)
    }

    @Test func missingImagesInListOrder() throws {
        try scratch.write("here.jpg", "x")
        let list = try list("here.jpg 1\ngone1.jpg 1\nhere.jpg 1\n", "gone2.jpg 1\nhere.jpg 1\ngone3.jpg 1\n")
        #expect(
            list.missingImages().map(\.description) == [
                "a.txt:2: no such file: gone1.jpg", "b.txt:1: no such file: gone2.jpg",
                "b.txt:3: no such file: gone3.jpg",
            ])
        #expect(list.missingImages(limit: 1).map(\.path) == ["gone1.jpg"])
    }
}
