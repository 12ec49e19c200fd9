import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct PairsCommandTests {
        private let scratch: ScratchDirectory

        /// Twenty identities with five pictures each, but one with one.
        init() throws {
            scratch = try ScratchDirectory("pairs")
            for identity in 0..<20 {
                for image in 0..<(identity == 4 ? 1 : 5) {
                    let picture = PNGFile.make(width: 1, height: 1, samples: [identity, image, 0])
                    try scratch.write("faces/s \(identity)/\(image).png", Data(picture))
                }
            }
        }

        private func pairs(_ arguments: String...) throws -> Command {
            try Tool.run(["pairs"] + arguments, directory: scratch.path)
        }

        private func lines(_ name: String) throws -> [String] {
            try scratch.text(of: name).split(separator: "\n").map(String.init)
        }

        @Test func listsOfAFolder() throws {
            try scratch.write("faces/s 1/notes.txt", "x")
            let command = try pairs("faces", "--output", "lists", "--split", "train=2,test=1", "--root", "faces")
            #expect(command.status == 0, "\(command.standardError)")
            #expect(
                command.standardOutput == """
                    faces: 96 images of 20 identities
                    passed over: 1 × not a JPEG or PNG image, as faces/s 1/notes.txt

                    split  identities  unpaired  images  matching  impostor  pairs
                    train          13         1      61       120       120    240
                    test            7         0      35        70        70    140

                    lists in lists; paths begin at faces, as with root_folder: "faces/"

                    """)
            let identities = try ["train", "test"].map { split in
                Set(try lines("lists/\(split)_identities.txt").flatMap { $0.split(separator: "\t") })
            }
            #expect(identities[0].count == 13 && identities[0].isDisjoint(with: identities[1]))
            #expect(try lines("lists/train_images.txt").count == 61 && lines("lists/identities.txt").count == 20)
            let labels = try ["1", "2"].map { try lines("lists/train\($0).txt").map { $0.suffix(2) } }
            #expect(labels[0] == labels[1] && labels[0].count { $0 == " 1" } == 120)
            let check = try Tool.run(
                ["check-data", "lists/train1.txt", "lists/train2.txt", "--root-folder", "faces/"],
                directory: scratch.path)
            #expect(check.status == 0 && check.standardOutput.contains("0 would stop a training"))
        }

        /// Nothing is overwritten unless asked; the same seed writes the same, another seed other lists.
        @Test func again() throws {
            #expect(try pairs("faces", "--output", "a").status == 0)
            let before = try scratch.text(of: "a/train1.txt")
            let refused = try pairs("faces", "--output", "a", "--seed", "2")
            #expect(refused.status == 1)
            #expect(
                refused.errors == [
                    "can't write a/train1.txt: it is there already; give another --output, or --force\n"
                ])
            #expect(try scratch.text(of: "a/train1.txt") == before)
            #expect(try pairs("faces", "--output", "b").status == 0)
            for name in try FileManager.default.contentsOfDirectory(atPath: scratch.file("a")) {
                #expect(try scratch.text(of: "a/\(name)") == scratch.text(of: "b/\(name)"))
            }
            #expect(try pairs("faces", "--output", "a", "--seed", "2", "--force").status == 0)
            #expect(try scratch.text(of: "a/train1.txt") != before)
        }

        @Test func matchingPairsForTrainingAndAllForATest() throws {
            let command = try pairs(
                "faces", "--output", "lists", "--split", "train=2,test=1", "--matching-only", "--exhaustive", "test",
                "--genuine", "3")
            #expect(command.status == 0, "\(command.standardError)")
            #expect(try lines("lists/train1.txt").count == 36)
            #expect(try lines("lists/train1.txt").allSatisfy { $0.hasSuffix(" 1") })
            #expect(try lines("lists/test1.txt").count == 35 * 34 / 2)
        }

        /// A test that was made before: training on its people is refused, and possible without them.
        @Test func leaksAreRefused() throws {
            let names = ["s 3", "s 7", "s 9"]
            let old = names.map { "faces/\($0)/0.png 1\n" }.joined()
            try scratch.write("old1.txt", old)
            let leak = try pairs("faces", "--output", "lists", "--split", "train=1", "--exclude", "old1.txt")
            #expect(leak.status == 1)
            #expect(
                leak.errors == [
                    """
                    a leak: old1.txt:1: faces/s 3/0.png is the same file as faces/s 3/0.png (identity s 3), which the \
                    split train trains on; put that identity into another split with --identities-of

                    """
                ])
            #expect(!scratch.has("lists"))
            try scratch.write("people.txt", names.joined(separator: "\n"))
            let fine = try pairs(
                "faces", "--output", "lists", "--split", "train=1", "--exclude", "old1.txt", "--identities-of",
                "test=people.txt")
            #expect(fine.status == 0, "\(fine.standardError)")
            #expect(
                try Set(lines("lists/test_images.txt").map { $0.split(separator: "/")[2] }) == ["s 3", "s 7", "s 9"])
        }

        @Test func twoFoldersAndATable() throws {
            #expect(
                try pairs("--folder1", "faces", "--folder2", "faces", "--output", "x").errors.first?.hasPrefix(
                    "one file is both views of an identity: ") == true)
            for identity in 0..<20 {
                let picture = PNGFile.make(width: 1, height: 1, samples: [identity, 0, 1])
                try scratch.write("drawn/s \(identity)/a.png", Data(picture))
            }
            #expect(try pairs("--folder1", "faces", "--folder2", "drawn", "--output", "two").status == 0)
            #expect(try lines("two/train1.txt").allSatisfy { $0.hasPrefix("../faces/") })
            #expect(try lines("two/train2.txt").allSatisfy { $0.hasPrefix("../drawn/") })
            var table = "identity,path,view\n"
            for identity in 0..<20 {
                for image in 0..<(identity == 4 ? 1 : 5) {
                    table += "s \(identity),faces/s \(identity)/\(image).png,1\n"
                }
                table += "s \(identity),drawn/s \(identity)/a.png,2\n"
            }
            try scratch.write("table.csv", table)
            #expect(try pairs("table.csv", "--output", "table").status == 0)
            for name in try FileManager.default.contentsOfDirectory(atPath: scratch.file("two")) {
                #expect(try scratch.text(of: "table/\(name)") == scratch.text(of: "two/\(name)"))
            }
        }
    }
}
