import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// What stops a training that goes wrong by itself: status 1, one message, and the snapshots before stay whole.
    struct WatchTests {
        private static func solver(_ text: inout String, rate: String) {
            text =
                text.replacing("base_lr: 0.01", with: "base_lr: \(rate)").replacing("test_iter: 3", with: "")
                + "display: 1\nsnapshot: 1\n"
        }

        @Test(arguments: [nil, 2])
        func aTrainingThatRunsAway(ranks: Int?) throws {
            let run = try GoldenRun("net_contrastive", editSolver: { Self.solver(&$0, rate: "1e4") })
            let command = try Tool.run(
                ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix], ranks: ranks, timeout: 60)
            #expect(command.status == 1, "\(command.standardError)")
            #expect(command.errors.count == 1)
            let error = try #require(command.errors.first)
            let step = try #require(try /iteration (\d+) ends before its update/.firstMatch(in: error), "\(error)")
            let iteration = try #require(Int(step.1))
            #expect(error.contains("\nrank ") && error.contains("The learning rate was 10000."))
            // The last snapshot is of the update before, and whole: a test net reads it.
            let newest = run.prefix + "_iter_\(iteration).caffemodel"
            #expect(FileManager.default.fileExists(atPath: newest))
            #expect(try run.folder.names.filter { $0.contains("_iter_\(iteration + 1).") || $0.contains("tmp") } == [])
            let test = try Tool.run(
                ["test", "--model", run.net("net_contrastive"), "--weights", newest, "--iterations", "1"])
            #expect(test.status == 0, "\(test.standardError)")
        }

        /// Two command lines in one job: the ranks of the second read other lists.
        @Test
        func ranksWithOtherLists() throws {
            let runs = try (0..<2).map { _ in
                try GoldenRun("net_contrastive", editSolver: { Self.solver(&$0, rate: "0.01") })
            }
            try runs[1].change("net_contrastive/train2.txt") { $0[3] = "images/04_coffee_a.jpg 0" }
            let lines = runs.map { [Tool.path, "train", "--solver", $0.solver, "--snapshot-prefix", runs[0].prefix] }
            defer { withExtendedLifetime(runs) {} }
            let command = try Command.run(
                "mpirun", ["--oversubscribe", "-np", "2"] + lines[0] + [":", "-np", "1"] + lines[1], timeout: 60,
                environment: ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"])
            #expect(command.status == 1)
            #expect(command.errors.count == 1, "\(command.standardError)")
            let error = try #require(command.errors.first)
            #expect(error.hasPrefix("ranks do not agree on the TRAIN pairs: rank 2 ("), "\(error)")
            #expect(error.contains("where 2 ranks have\n    20 pairs with the fingerprint "))
            #expect(!command.standardError.contains("Iteration 0"))
        }

        @Test
        func ranksCompareAsTheyGo() throws {
            let run = try GoldenRun("net_contrastive", editSolver: { Self.solver(&$0, rate: "0.01") })
            let command = try Tool.run(
                [
                    "train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--max-iter", "4",
                    "--verify-every",
                    "1",
                ], ranks: 3)
            #expect(command.status == 0, "\(command.standardError)")
        }

        /// What is compared between hosts can be looked at.
        @Test
        func theVersionNamesTheBuild() throws {
            let version = try Tool.run(["--version"]).standardOutput
            #expect(version.contains(/^0\.1\.0 \(build [0-9a-f]{16}\)\n$/), "\(version)")
        }
    }
}
