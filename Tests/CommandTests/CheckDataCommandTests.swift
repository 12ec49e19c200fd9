import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct CheckDataCommandTests {
        private struct Figures: Decodable {
            let images: Int
            let problems: Int
            let warnings: Int
            let imagesPerSecond: Double
            let ranks: Int
            let findings: [String: Int]
            let examples: [String: [String]]
        }

        private static func figures(_ path: String) throws -> Figures {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(Figures.self, from: Data(contentsOf: URL(filePath: path)))
        }

        /// The golden lists share their images between training and test: a warning, and status 0.
        @Test(arguments: [nil, 3] as [Int?])
        func warningsEndWithStatusZero(ranks: Int?) throws {
            let scratch = try ScratchDirectory("check-data")
            let command = try Tool.run(
                [
                    "check-data", "--model", Golden.path("net_contrastive/train_val.prototxt"), "--json",
                    scratch.file("found.json"), "--report", scratch.file("found.txt"), "--examples", "2",
                ], ranks: ranks, directory: Golden.directory.path)
            #expect(command.status == 0, "\(command.standardError)")
            #expect(command.standardOutput.contains("images of training in a test  warning"))
            #expect(
                command.standardOutput.hasSuffix("0 would stop a training, 26 warnings\n"), "\(command.standardOutput)")
            let found = try Self.figures(scratch.file("found.json"))
            #expect(found.images == 23 && found.ranks == ranks ?? 1 && found.imagesPerSecond > 0)
            #expect(found.problems == 0 && found.warnings == 26 && found.findings["leak"] == 22)
            #expect(found.examples["leak"]?.count == 2)
            #expect(try scratch.text(of: "found.txt").split(separator: "\n").count == 26)
        }

        @Test(arguments: [nil, 2] as [Int?])
        func problemsEndWithStatusOne(ranks: Int?) throws {
            let scratch = try ScratchDirectory("check-data")
            try scratch.link("images", to: Golden.path("images"))
            try scratch.write("1.txt", "images/00_astronaut_a.jpg 1\nimages/none.jpg 0\nimages/02_chelsea_a.jpg 0\n")
            let command = try Tool.run(["check-data", "1.txt"], ranks: ranks, directory: scratch.path)
            #expect(command.status == 1)
            #expect(command.errors.count == 1)
            #expect(
                command.errors[0].hasPrefix("a training on these lists would be stopped: 1 image can't be used\n"))
            #expect(
                command.standardOutput.contains(
                    "missing:\n  1.txt:2: images/none.jpg: can't read the image: No such file or directory\n"))
        }

        /// Files that claim to have 65500×65500 pixels, which would take 4 GB even in grey, and a process that gets less.
        @Test func bombsTakeNoMemory() throws {
            let scratch = try ScratchDirectory("check-data")
            var jpeg = try Data(contentsOf: URL(filePath: Golden.path("images/06_hubble_a.jpg")))
            let frame = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xff && jpeg[$0 + 1] == 0xc0 })
            jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xff, 0xdc, 0xff, 0xdc])
            try scratch.write("bomb.jpg", jpeg)
            try scratch.write("1.txt", "bomb.jpg 1\nbomb.jpg 0\n")
            let command = try Command.run(
                "prlimit", ["--data=1000000000", Tool.path, "check-data", "1.txt", "--threads", "1"], timeout: 60,
                directory: scratch.path)
            #expect(command.status == 1)
            #expect(
                command.standardOutput.contains(
                    "too large:\n  1.txt:1: bomb.jpg: 65500×65500 pixels are more than the 100000000 that are decoded"))
        }

        @Test func theProgressIsShown() throws {
            let command = try Tool.run(
                ["check-data", "train1.txt", "train2.txt", "--progress", "on"], directory: Golden.directory.path)
            #expect(command.status == 0)
            #expect(command.standardError.contains("[==============================] 23 of 23  "))
        }
    }

    /// Bad images from the command line, under mpirun.
    struct BadImageTests {
        private static func run(_ arguments: [String], ranks: Int?) throws -> (command: Command, run: GoldenRun) {
            let run = try GoldenRun("net_contrastive", editSolver: { $0 += "display: 1\n" })
            try run.change("net_contrastive/train2.txt") { $0[12] = "images/gone.jpg 1" }
            let command = try Tool.run(
                ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--max-iter", "8"] + arguments,
                ranks: ranks)
            return (command, run)
        }

        private static func list(of run: GoldenRun) throws -> String { try run.folder.text(of: "snap.bad-images.txt") }

        @Test func skipped() throws {
            let alone = try Self.run(["--bad-image", "skip"], ranks: nil)
            #expect(alone.command.status == 0, "\(alone.command.standardError)")
            let losses = try alone.run.metrics().compactMap(\.loss)
            let listed = "train2.txt:13: images/gone.jpg: can't read the image: No such file or directory"
            #expect(try Self.list(of: alone.run).hasPrefix(listed))
            for (ranks, more) in [(2, []), (3, []), (2, ["--placement", "split"])] {
                let found = try Self.run(["--bad-image", "skip"] + more, ranks: ranks)
                #expect(found.command.status == 0, "\(found.command.standardError)")
                #expect(
                    Compare.relativeMismatch(
                        "\(ranks) ranks", try found.run.metrics().compactMap(\.loss), losses) == nil)
                #expect(try Self.list(of: found.run).hasPrefix(listed))
                #expect(try Self.list(of: found.run).split(separator: "\n").count == 1)
            }
        }

        @Test(arguments: [nil, 2] as [Int?])
        func tooMany(ranks: Int?) throws {
            let found = try Self.run(["--bad-image", "skip", "--max-bad", "0"], ranks: ranks)
            #expect(found.command.status == 1)
            #expect(found.command.errors.count == 1)
            #expect(found.command.errors[0].contains("\(found.run.prefix).bad-images.txt lists their images"))
        }

        @Test func theLimitOfPixels() throws {
            let run = try GoldenRun("net_contrastive")
            let command = try Tool.run([
                "train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--max-pixels", "5000",
            ])
            #expect(command.status == 1)
            #expect(command.errors[0].contains("pixels are more than the 5000 that are decoded"))
            #expect(command.errors[0].contains("raise --max-pixels"))
        }
    }
}
