import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct EvaluateCommandTests {
        /// What is read of evaluation.json.
        private struct Evaluation: Decodable, Equatable {
            struct Threshold: Decodable, Equatable {
                let distance: Float
                let probability: Float?
                let origin: String
                let lists: [String]
                let accuracy: Double
            }

            struct Figure: Decodable, Equatable {
                let value: Double?
                let absent: String?
            }

            struct Figures: Decodable, Equatable {
                let pairs: Int
                let matching: Int
                let identities: Int?
                let resampled: String
                let figures: [String: Figure]
            }

            let score: String
            let lists: [String]
            let threshold: Threshold
            let verification: Figures
            let leftOut: Int
        }

        private static func run(_ net: String, _ more: [String], to output: String, ranks: Int? = nil) throws -> Command
        {
            try Tool.run(
                [
                    "evaluate", "--model", "\(net)/train_val.prototxt", "--weights", "\(net)/snap_iter_20.caffemodel",
                    "--output", output, "--bootstrap", "50",
                ] + more, ranks: ranks, directory: Golden.directory.path)
        }

        /// The files of a run that must succeed, and what it printed.
        private static func evaluate(
            _ net: String, _ more: [String] = [], in scratch: ScratchDirectory, ranks: Int? = nil
        ) throws -> (found: Evaluation, page: String, curve: String, printed: String) {
            let command = try run(net, more, to: scratch.file("out"), ranks: ranks)
            try #require(command.status == 0, "\(command.standardError)")
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return (
                try decoder.decode(Evaluation.self, from: scratch.data(of: "out/evaluation.json")),
                try scratch.text(of: "out/report.html"), try scratch.text(of: "out/roc.csv"), command.standardOutput
            )
        }

        /// Each pair once on any number of ranks: of 7 matching and 5 other pairs, with the AUC that `test` prints.
        @Test(arguments: ["net_contrastive", "net_softmax"])
        func ranksAgree(net: String) throws {
            let (one, two) = (try ScratchDirectory("evaluate"), try ScratchDirectory("evaluate"))
            let alone = try Self.evaluate(net, in: one)
            let together = try Self.evaluate(net, in: two, ranks: 2)
            #expect(try one.names == ["out"] && two.names == ["out"])
            #expect(try one.data(of: "out/evaluation.json") == two.data(of: "out/evaluation.json"))
            #expect(alone.curve == together.curve && alone.page == together.page)
            #expect(
                alone.found.verification.pairs == 12 && alone.found.leftOut == 0
                    && alone.found.verification.matching == 7)
            #expect(alone.found.threshold.origin == "test" && alone.found.lists == ["test1.txt", "test2.txt"])
            #expect(alone.printed.contains("pairs = 12 (7 matching, 5 not)\n"))
            #expect(alone.curve.hasPrefix("threshold,false_accept_rate,true_accept_rate\n-inf,0.0,0.0\n"))
            #expect(alone.page.contains("chosen on the very pairs"))
            #expect(alone.found.verification.figures["tar_at_far_1e-1"]?.absent?.contains("needs 10") == true)
        }

        @Test func areaIsThatOfTest() throws {
            let scratch = try ScratchDirectory("evaluate")
            let found = try Self.evaluate("net_contrastive", in: scratch).found
            let test = try Tool.run(
                [
                    "test", "--model", "net_contrastive/train_val.prototxt", "--weights",
                    "net_contrastive/snap_iter_20.caffemodel",
                ], directory: Golden.directory.path)
            let area = try #require(found.verification.figures["auc"]?.value)
            #expect(test.standardOutput.contains(String(format: "AUC = %.4f\n", area)))
            #expect(found.score == "distance" && found.threshold.probability == nil)
        }

        /// At one half the accuracy is Caffe's: the means of the golden test.txt's three batches of four.
        @Test func probabilitiesHaveCaffesAccuracy() throws {
            let scratch = try ScratchDirectory("evaluate")
            let result = try Self.evaluate("net_softmax", ["--threshold", "0.5"], in: scratch)
            #expect(result.found.score == "probability")
            #expect(result.found.threshold.probability == 0.5 && result.found.threshold.origin == "given")
            #expect(abs(result.found.threshold.accuracy - (0.75 + 0.5 + 0.5) / 3) < 1e-9)
            #expect(result.found.verification.figures["accuracy"]?.value == result.found.threshold.accuracy)
            #expect(result.page.contains("probability of a match") && result.page.contains("p = 0."))
            #expect(!result.page.contains("chosen on the very pairs"))
        }

        /// The threshold comes from the training's pairs, the curves from its metrics file, the intervals from identities.
        @Test func validationChoosesTheThreshold() throws {
            let scratch = try ScratchDirectory("evaluate")
            let people = try scratch.write("people.tsv", (0..<12).map { "p\($0 / 2)\tp\($0 % 5)\n" }.joined())
            let metrics = try scratch.write(
                "run.metrics.jsonl", "{\"iteration\":20,\"loss\":0.25,\"phase\":\"train\",\"smoothed_loss\":0.5}\n")
            let result = try Self.evaluate(
                "net_contrastive",
                [
                    "--validation1", "train1.txt", "--validation2", "train2.txt", "--identities", people, "--metrics",
                    metrics, "--worst", "1",
                ], in: scratch)
            #expect(result.found.threshold.origin == "validation")
            #expect(result.found.threshold.lists == ["train1.txt", "train2.txt"])
            #expect(result.found.verification.identities == 6 && result.found.verification.resampled == "identities")
            #expect(result.found.verification.figures["accuracy"]?.value == result.found.threshold.accuracy)
            #expect(result.page.contains("<h2>Training</h2>"))
            #expect(result.page.components(separatedBy: "<div class=\"card\">").count <= 3)
            #expect(result.printed.contains("chosen on train1.txt and train2.txt"))

            // The same list evaluated by itself has that threshold as its best.
            let own = try ScratchDirectory("evaluate")
            let training = try Self.evaluate(
                "net_contrastive", ["--list1", "train1.txt", "--list2", "train2.txt"], in: own)
            #expect(training.found.threshold.distance == result.found.threshold.distance)
            #expect(training.found.verification.pairs == 20)
        }

        /// Pairs with a bad image are counted nowhere, on any number of ranks; the others keep their identities and places.
        @Test(arguments: [nil, 2]) func badImagesAreLeftOut(ranks: Int?) throws {
            let scratch = try ScratchDirectory("evaluate")
            func lines(_ list: String) throws -> [String] {
                try String(contentsOfFile: Golden.path(list), encoding: .utf8).split(separator: "\n").map(String.init)
            }
            var (first, second) = (try lines("test1.txt"), try lines("test2.txt"))
            let people = (0..<12).map { "p\($0 / 2)\tp\($0 % 5)\n" }
            let broken = try scratch.write("broken.jpg", "no picture")
            for line in [0, 5] { first[line] = "\(broken) \(first[line].suffix(1))" }
            second[11] = "nowhere.jpg \(second[11].suffix(1))"
            let bad = try Self.evaluate(
                "net_contrastive",
                [
                    "--list1", scratch.write("1.txt", first.joined(separator: "\n")), "--list2",
                    scratch.write("2.txt", second.joined(separator: "\n")), "--identities",
                    scratch.write("people.tsv", people.joined()), "--bad-image", "skip",
                ], in: scratch, ranks: ranks)
            #expect(bad.printed.contains("pairs left out = 3"))
            #expect(bad.page.contains("3 pairs are left out"))
            let good = (0..<12).filter { ![0, 5, 11].contains($0) }
            let own = try ScratchDirectory("evaluate")
            let kept = try Self.evaluate(
                "net_contrastive",
                [
                    "--list1", own.write("1.txt", good.map { first[$0] }.joined(separator: "\n")), "--list2",
                    own.write("2.txt", good.map { second[$0] }.joined(separator: "\n")), "--identities",
                    own.write("people.tsv", good.map { people[$0] }.joined()),
                ], in: own)
            #expect(bad.found.verification.pairs == 9 && kept.found.verification == bad.found.verification)
            #expect(bad.curve == kept.curve)
        }

        @Test func faultsAreSaid() throws {
            let scratch = try ScratchDirectory("evaluate")
            let same = try scratch.write("same.txt", "images/01_astronaut_b.jpg 1\nimages/03_chelsea_b.jpg 1\n")
            let people = try scratch.write("people.tsv", "a\tb\n")
            let file = try scratch.write("file", "")
            for (arguments, sentence) in [
                (
                    ["--list1", same, "--list2", same],
                    "2 matching and 0 non-matching pairs, and figures need both kinds"
                ),
                (["--identities", people], "people.tsv has 1 lines, but the lists have 12 pairs"),
                (
                    ["--metrics", scratch.file("none.jsonl")],
                    "can't read the metrics file \(scratch.file("none.jsonl"))"
                ),
                (["--output", file + "/folder"], "can't make the directory"),
                (["--list2", same], "--list2 goes with --list1"),
                (["--list1", same], "the towers read 2 lists; give --list2 too"),
                (["--threshold", "1", "--validation1", same, "--validation2", same], "and not both"),
            ] {
                let command = try Self.run("net_contrastive", arguments, to: scratch.file("out"))
                #expect(command.status != 0 && command.standardError.contains(sentence), "\(command.standardError)")
            }
            #expect(!scratch.has("out/report.html"))
        }
    }
}
