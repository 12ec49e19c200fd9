import Pairs
import Testing

struct ExcludedImagesTests {
    private let images: MadeImages
    private let folder: String

    init() throws {
        images = try MadeImages()
        folder = try images.addFolder("faces", [2, 2])
        try images.add("old/copy.png", content: 5)
        try images.add("faces/p01/same.png", content: 5)
        try images.scratch.link("old/link.png", to: "../faces/p01/1.png")
    }

    private func check(
        _ list: String, identities: [Int], looking: ImageCollection.Looking = .atBeginning, root: String? = nil
    ) throws {
        let file = try images.scratch.write("old.txt", list)
        let collection = try ImageCollection(.folder(folder), looking: looking)
        try ExcludedImages([file], root: root).check(collection, .init(name: "train", identities: identities))
    }

    @Test func otherImagesAreFine() throws {
        try check("faces/p00/0.png 1\nold/copy.png 0\n", identities: [1])
        try check("p00/0.png 1\n", identities: [1], looking: .atContent, root: folder)
    }

    @Test func leaks() throws {
        for (line, looking, name, how) in [
            ("faces/p01/0.png", .atBeginning, "0", .file), ("old/link.png", .atBeginning, "1", .file),
            ("old/copy.png", .atContent, "same", .content),
        ] as [(String, ImageCollection.Looking, String, MakingError.Sameness)] {
            let error = #expect(throws: MakingError.self) {
                try check("faces/p00/0.png 1\n\(line) 0\n", identities: [1], looking: looking)
            }
            #expect(
                error
                    == .leak(
                        place: "\(images.scratch.file("old.txt")):2: \(line)",
                        image: .init(place: "\(folder)/p01/\(name).png", identity: "p01"), split: "train", how: how))
        }
    }

    /// What can't be found can't be compared.
    @Test func missing() throws {
        #expect(throws: MakingError.self) { try check("p00/0.png 1\n", identities: [1]) }
        #expect(throws: PairListError.self) { try check("no label\n", identities: [1]) }
    }
}
