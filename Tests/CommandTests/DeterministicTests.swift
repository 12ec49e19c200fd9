import CaffeProto
import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// `--deterministic` under mpirun: the files of 1, 2, 4 and 8 ranks are the same, also where ranks come and go.
    @Suite(.timeLimit(.minutes(5)))
    struct DeterministicTests {
        /// A run of ten iterations with tests, on shuffled lists, with dropout, crops and mirrors.
        private static func run() throws -> GoldenRun {
            try GoldenRun(
                "net_contrastive",
                editSolver: {
                    $0 = $0.replacing("max_iter: 20", with: "max_iter: 10\ndisplay: 1\naverage_loss: 3")
                        .replacing("snapshot_after_train: false", with: "snapshot_after_train: true")
                        .replacing("test_interval: 1000", with: "test_interval: 5")
                },
                editNet: {
                    GoldenRun.stir(&$0)
                    $0 = $0.replacing("scale: 0.00390625", with: "scale: 0.00390625 mirror: true crop_size: 60")
                        .replacing("batch_size: 4", with: "batch_size: 8")
                })
        }

        private static func train(_ run: GoldenRun, ranks: Int?, _ more: String...) throws -> Command {
            let command = try Tool.run(
                ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--deterministic"] + more,
                ranks: ranks)
            try #require(command.status == 0, "\(command.standardError)")
            return command
        }

        /// What ten iterations have left: bytes of weights and history, and what was shown of losses, rates and tests.
        private struct Outcome: Equatable {
            let model: Data
            let history: [[Float]]
            let shown: [String]

            init(_ run: GoldenRun, _ commands: Command...) throws {
                model = try run.folder.data(of: "snap_iter_10.caffemodel")
                let state = try SolverStateReader(run.prefix + "_iter_10.solverstate")
                history = try (0..<state.historyCount).map { try state.history($0).data }
                let words = ["loss = ", "lr = "]
                shown = commands.flatMap { $0.standardError.split(separator: "\n") }
                    .filter { line in words.contains { line.contains($0) } }
                    // Behind the time, the process and, in lines of iterations, before the speed.
                    .map { $0.split(separator: "] ").dropFirst().joined().replacing(/\ \(.* iter\/s.*\)/, with: "") }
            }
        }

        @Test func filesAreTheSameOnAnyNumberOfRanks() throws {
            let run = try Self.run()
            let alone = try Outcome(run, Self.train(run, ranks: nil))
            #expect(alone.shown.count > 20)
            #expect(alone.history.contains { $0.contains { $0 != 0 } })
            for ranks in [1, 2, 4, 8] {
                let run = try Self.run()
                let found = try Outcome(run, Self.train(run, ranks: ranks))
                #expect(found.model == alone.model, "caffemodel of \(ranks) ranks")
                #expect(found.history == alone.history, "history of \(ranks) ranks")
                #expect(found.shown == alone.shown, "log of \(ranks) ranks")
            }
        }

        @Test(arguments: [(1, 4), (4, 2)])
        func anotherNumberOfRanksGoesOnWithTheSameBits(before: Int, after: Int) throws {
            let straight = try Self.run()
            let expected = try Outcome(straight, Self.train(straight, ranks: nil, "--micro-batch", "2"))
            let run = try Self.run()
            let first = try Self.train(run, ranks: before, "--micro-batch", "2", "--max-iter", "4")
            // The size of the micro-batches comes with the snapshot.
            let second = try Self.train(run, ranks: after, "--resume")
            let found = try Outcome(run, first, second)
            #expect(!second.standardError.contains("the snapshot was trained with"))
            #expect(found.model == expected.model)
            #expect(found.history == expected.history)
            // The first part's end shows a loss of its own.
            #expect(found.shown.suffix(8) == expected.shown.suffix(8))
        }

        @Test func otherBitsAreToldOf() throws {
            let run = try Self.run()
            _ = try Self.train(run, ranks: nil, "--max-iter", "2")
            let size = try Tool.run(
                [
                    "train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--resume", "--deterministic",
                    "--micro-batch", "4",
                ])
            #expect(size.status == 1)
            #expect(size.standardError.contains("is of another training: --micro-batch was 1 and is 4"))
            let threads = try Self.train(run, ranks: nil, "--max-iter", "3", "--resume", "--threads", "2")
            #expect(
                threads.standardError.contains(
                    "the snapshot was trained with --micro-batch 1 --threads 1, now it is --micro-batch 1 --threads 2"))
            let without = try Tool.run(
                ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--resume", "--max-iter", "4"])
            #expect(without.status == 0)
            #expect(without.standardError.contains("the snapshot was trained with --deterministic, and now it is not"))
        }

        @Test func microBatchGoesWithDeterministic() throws {
            let command = try Tool.run(["train", "--solver", "none", "--micro-batch", "4"])
            #expect(command.status == 64)
            #expect(command.standardError.contains("--micro-batch goes with --deterministic"))
        }

        @Test func timeRunsIt() throws {
            let run = try Self.run()
            let command = try Tool.run(
                ["time", "--model", run.net("net_contrastive"), "--iterations", "1", "--deterministic"], ranks: 2)
            try #require(command.status == 0, "\(command.standardError)")
            #expect(command.standardError.contains(/exchange: .* by tree, .* by factors/))
        }
    }
}
