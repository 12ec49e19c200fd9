import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct EmbedCommandTests {
        private let scratch: ScratchDirectory

        init() throws { scratch = try ScratchDirectory("embed") }

        private func embed(
            _ arguments: [String], to name: String, ranks: Int? = nil
        ) throws -> Command {
            try Tool.run(
                [
                    "embed", "--model", Golden.path("net_contrastive/train_val.prototxt"), "--weights",
                    Golden.path("net_contrastive/snap_iter_20.caffemodel"), "--output", scratch.file(name),
                ] + arguments, ranks: ranks, directory: Golden.directory.path)
        }

        private func rows(_ name: String) throws -> Npy { try Npy(contentsOf: URL(filePath: scratch.file(name))) }

        /// Twelve images in batches of four: on three ranks each has one or two of a batch.
        @Test func eachImageComesOnceInTheListsOrder() throws {
            let alone = try embed(["--tower", "a"], to: "a.npy")
            try #require(alone.status == 0, "\(alone.standardError)")
            let expected = try rows("a.npy")
            #expect(expected.shape == [12, 16])
            #expect(
                try scratch.text(of: "a.ids.txt") == String(contentsOfFile: Golden.path("test1.txt"), encoding: .utf8))
            let three = try embed(["--tower", "a"], to: "three.npy", ranks: 3)
            try #require(three.status == 0, "\(three.standardError)")
            let found = try rows("three.npy")
            #expect(
                Compare.relativeMismatch("embeddings", found.values.map(Double.init), expected.values.map(Double.init))
                    == nil)
            #expect(try scratch.text(of: "three.ids.txt") == scratch.text(of: "a.ids.txt"))
        }

        /// Five images of another list, which fill a batch and a part of one.
        @Test func anotherListAndAnotherBlob() throws {
            let lines = try String(contentsOfFile: Golden.path("test1.txt"), encoding: .utf8).split(separator: "\n")
            let list = try scratch.write("five.txt", lines[3..<8].joined(separator: "\n") + "\n")
            let five = try embed(["--tower", "a", "--list", list], to: "five.npy")
            try #require(five.status == 0, "\(five.standardError)")
            let all = try embed(["--tower", "a"], to: "all.npy")
            #expect(all.status == 0)
            let (found, whole) = (try rows("five.npy"), try rows("all.npy"))
            #expect(found.shape == [5, 16])
            #expect(
                Compare.relativeMismatch(
                    "embeddings", found.values.map(Double.init), whole.values[3 * 16..<8 * 16].map(Double.init)) == nil)
            let pool = try embed(["--tower", "b", "--blob", "fc6_p"], to: "fc6.npy")
            #expect(pool.status == 0)
            #expect(try rows("fc6.npy").shape[0] == 12)
        }

        /// A list of paths alone has ids of paths alone, and what can't be read has no row, on any number of ranks.
        @Test(arguments: [nil, 3]) func listsMayHaveNoLabelsAndBadImages(ranks: Int?) throws {
            let paths = try String(contentsOfFile: Golden.path("test1.txt"), encoding: .utf8).split(separator: "\n").map
            {
                String($0.dropLast(2))
            }
            let broken = try scratch.write("broken.jpg", "no picture")
            let list = try scratch.write(
                "list.txt", (paths[..<2] + [broken] + paths[2...]).joined(separator: "\n") + "\n")
            let some = try embed(["--tower", "a", "--list", list, "--bad-image", "skip"], to: "some.npy", ranks: ranks)
            try #require(some.status == 0, "\(some.standardError)")
            #expect(some.standardError.contains("12 embeddings of 16 values"))
            #expect(some.standardError.contains("1 images left out, which can't be read"))
            #expect(some.standardError.contains("left out: \(list):3: \(broken)"))
            #expect(try scratch.text(of: "some.ids.txt") == paths.map { $0 + "\n" }.joined())
            let all = try embed(["--tower", "a"], to: "all.npy")
            #expect(all.status == 0)
            #expect(
                Compare.relativeMismatch(
                    "embeddings", try rows("some.npy").values.map(Double.init),
                    try rows("all.npy").values.map(Double.init)) == nil)
            let search = try Tool.run([
                "search", "--index", scratch.file("some.npy"), "--queries", scratch.file("some.npy"),
            ])
            #expect(search.status == 1)
            #expect(search.standardError.contains("some.ids.txt: it has no labels"))
            let nothing = try Tool.run([
                "search", "--index", scratch.file("some.npy"), "--queries", scratch.file("some.npy"), "--match",
                "nothing",
                "--output", scratch.file("found"),
            ])
            #expect(
                nothing.status == 0 && nothing.standardOutput.hasPrefix("index = 12 rows of 16\nqueries = 12\nwrote"))
            #expect(try scratch.text(of: "found/neighbours.csv").split(separator: "\n").count == 1 + 12 * 10)
        }

        @Test func faultsAreSentences() throws {
            let blob = try embed(["--tower", "b", "--blob", "fc6"], to: "x.npy")
            #expect(blob.status == 1)
            #expect(blob.standardError.contains("tower b has no blob \"fc6\"; it has data_p, conv1_p"))
            let name = try embed(["--tower", "a"], to: "x.txt")
            #expect(name.status == 64 && name.standardError.contains("give a name that ends in .npy"))
            #expect(!scratch.has("x.npy"))
        }
    }
}
