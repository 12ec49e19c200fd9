import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct CalibrateCommandTests {
        /// The parts of the file that the tests look at.
        private struct File: Decodable {
            struct Thresholds: Decodable { let eer: Double }
            struct Weights: Decodable { let file: String }
            struct Line: Decodable { let slope: Double }
            struct Quality: Decodable {
                struct Figures: Decodable { let brier: Double }
                let fitted: Figures
                let crossValidated: Figures?
            }
            struct List: Decodable { let pairs: Int, matching: Int, identities: Int? }
            let version: Int
            let embeddingLength: Int?
            let head: String
            let thresholds: Thresholds
            let weights: Weights
            let logistic: Line
            let quality: [String: Quality]
            let list: List
            let missing: [String: String]
        }

        /// Identities that several of the golden images share: three, of eight images each.
        private static func identity(_ line: Substring) throws -> Int {
            let number = try #require(line.firstMatch(of: /images\/(\d+)_/).flatMap { Int($0.1) })
            return number / 2 % 3
        }

        private static func lines(_ file: String) throws -> [Substring] {
            try String(contentsOfFile: Golden.path(file), encoding: .utf8).split(separator: "\n")
        }

        /// The arguments for the golden pairs of training; the identity files go to the folder.
        private static func arguments(_ folder: ScratchDirectory, _ net: String = "net_contrastive", enrol: Bool = true)
            throws -> [String]
        {
            let (first, second) = (try lines("train1.txt"), try lines("train2.txt"))
            let ids = try zip(first, second).map { "\(try identity($0))\t\(try identity($1))\n" }.joined()
            // Half of the images are enrolled, so that the others may claim to be theirs.
            let enrolled = try lines("all.txt").compactMap { line -> String? in
                let (path, number) = (line.split(separator: " ")[0], try identity(line))
                return try #require(Int(line.split(separator: " ")[1])) < 12 ? "\(path) \(number)\n" : nil
            }
            return [
                "calibrate", "--model", Golden.path("\(net)/train_val.prototxt"), "--weights",
                Golden.path("\(net)/snap_iter_20.caffemodel"), "--list1", "train1.txt", "--list2", "train2.txt",
                "--identities", try folder.write("ids.txt", ids),
            ] + (enrol ? ["--enrol", try folder.write("enrol.txt", enrolled.joined())] : [])
        }

        private static func read(_ path: String) throws -> File {
            try JSONDecoder().decode(File.self, from: Data(contentsOf: URL(filePath: path)))
        }

        @Test
        func writesOneFileForAnyNumberOfRanks() throws {
            let folder = try ScratchDirectory("calibrate")
            let arguments = try Self.arguments(folder)
            var written: [File] = []
            for ranks in [1, 2] {
                let path = folder.file("\(ranks).json")
                let command = try Tool.run(
                    arguments + ["--output", path], ranks: ranks, directory: Golden.directory.path)
                try #require(command.status == 0, "\(command.standardError)")
                written.append(try Self.read(path))
                let text = command.standardOutput
                #expect(text.contains("pairs = 20 (11 matching, 9 not), of 3 identities\n"))
                #expect(text.contains("\nidentities = 3 enrolled, tower b; covariance of each: "))
                #expect(text.contains("\nclaims = "))
                for model in ["logistic", "isotonic", "gaussians", "identities"] {
                    #expect(text.contains("\n\(model) "), "\(model)")
                }
                #expect(text.hasSuffix("wrote \(path)\n"))
            }
            // Kernels may sum in another order for another number of images.
            #expect(abs(written[0].thresholds.eer - written[1].thresholds.eer) < 1e-5)
            #expect(abs(written[0].logistic.slope - written[1].logistic.slope) < 1e-3)
            let file = written[0]
            for (model, quality) in file.quality {
                let other = try #require(written[1].quality[model])
                #expect(abs(quality.fitted.brier - other.fitted.brier) < 1e-3, "\(model)")
            }
            #expect(file.version == 1 && file.head == "distance" && file.weights.file == "snap_iter_20.caffemodel")
            #expect(file.list.pairs == 20 && file.list.matching == 11 && file.list.identities == 3)
            #expect(file.missing.isEmpty && file.embeddingLength ?? 0 > 0)
            #expect(file.logistic.slope < 0 && file.thresholds.eer > 0)
            #expect(Set(file.quality.keys) == ["logistic", "isotonic", "gaussians", "identities"])
            // A coin that knows the share of matches has 0.2475.
            #expect(try #require(file.quality["logistic"]).fitted.brier < 0.2475)
        }

        /// A head with a probability has no embeddings to compare; the list is that of the TEST phase.
        @Test
        func aSoftmaxHeadHasItsDistances() throws {
            let folder = try ScratchDirectory("calibrate")
            let path = folder.file("softmax.json")
            let command = try Tool.run(
                [
                    "calibrate", "--model", Golden.path("net_softmax/train_val.prototxt"), "--weights",
                    Golden.path("net_softmax/snap_iter_20.caffemodel"), "--output", path,
                ], directory: Golden.directory.path)
            try #require(command.status == 0, "\(command.standardError)")
            let file = try Self.read(path)
            #expect(file.head == "probability" && file.embeddingLength == nil && file.list.pairs == 12)
            #expect(Set(file.quality.keys) == ["logistic", "isotonic"])
            #expect(command.standardOutput.contains("accept when 1 - p is at most"))
        }

        @Test
        func mistakesAreSaid() throws {
            let folder = try ScratchDirectory("calibrate")
            let arguments = try Self.arguments(folder) + ["--output", folder.file("x.json")]
            try folder.write("ids.txt", "1\t2\n")
            let short = try Tool.run(arguments, ranks: 2, directory: Golden.directory.path)
            #expect(short.status == 1)
            #expect(short.standardError.contains("ids.txt has 1 lines, but the lists have 20 pairs"))
            #expect(!folder.has("x.json"))
            let alone = try Tool.run(
                ["calibrate", "--model", "n", "--weights", "w", "--enrol", "e"], directory: Golden.directory.path)
            #expect(alone.status == 64 && alone.standardError.contains("--enrol needs --identities"))
        }

        /// Other people's images are the impostors: the claims are the same, their figures others.
        @Test
        func aBackgroundTakesPart() throws {
            let folder = try ScratchDirectory("calibrate")
            let enrolled = try Self.arguments(folder)
            let strangers = try Self.lines("all.txt").suffix(12).enumerated().map { number, line in
                "\(line.split(separator: " ")[0]) \(100 + number / 4)\n"
            }
            let background = ["--background", try folder.write("strangers.txt", strangers.joined())]
            let outputs = try [[], background].enumerated().map { number, more in
                let command = try Tool.run(
                    enrolled + more + ["--output", folder.file("\(number).json")], directory: Golden.directory.path)
                try #require(command.status == 0, "\(command.standardError)")
                return command.standardOutput.split(separator: "\n")
            }
            func line(_ start: String) -> [Substring?] { outputs.map { $0.first { $0.hasPrefix(start) } } }
            let claims = line("claims = ").map { $0?.prefix { $0 != ":" } }
            #expect(claims[0] == claims[1] && claims[0] != nil)
            let figures = line("identities  ")
            #expect(figures[0] != figures[1] && figures[1] != nil)
            // Nothing of the list is in the densities then.
            let cells = try #require(figures[1]).split(separator: " ")
            #expect(cells[1] == cells[3] && cells[2] == cells[4])
        }

        /// Numbers that no pair knows enrol nobody who is claimed.
        @Test
        func enrolmentMustBeOfTheListsIdentities() throws {
            let folder = try ScratchDirectory("calibrate")
            let arguments = try Self.arguments(folder) + ["--output", folder.file("x.json")]
            try folder.write("enrol.txt", "images/00_astronaut_a.jpg 70\nimages/01_astronaut_b.jpg 70\n")
            let command = try Tool.run(arguments, directory: Golden.directory.path)
            #expect(command.status == 1)
            #expect(command.standardError.contains("no pair's image claims an identity that"))
        }
    }
}
