import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// mpirun with any number of ranks does the same training.
    struct RanksTests {
        private static let tolerance = 1e-4

        private static func run() throws -> GoldenRun {
            try GoldenRun(
                "net_contrastive", editSolver: { $0 = $0.replacing("max_iter: 20", with: "max_iter: 20\ndisplay: 1") },
                editNet: GoldenRun.stir)
        }

        /// Trains 20 iterations with dropout and shuffle on and returns the loss of each; the batch is 8.
        private static func losses(ranks: Int?, _ more: [String] = []) throws -> [Double] {
            let run = try run()
            let command = try Tool.run(
                ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix] + more, ranks: ranks)
            try #require(command.status == 0, "\(command.standardError)")
            return try run.metrics().map { $0.loss ?? .nan }
        }

        @Test
        func lossesAgreeWithOneRank() throws {
            let alone = try Self.losses(ranks: nil)
            #expect(Set(alone).count == 20)
            for ranks in 1...4 {
                let found = try Self.losses(ranks: ranks)
                #expect(Compare.relativeMismatch("\(ranks) ranks", found, alone, tolerance: Self.tolerance) == nil)
            }
        }

        @Test(arguments: [
            ["--exchange", "factors"], ["--exchange", "sharded"], ["--placement", "split"],
            ["--placement", "split", "--exchange", "factors"],
        ])
        func everyExchangeTrainsTheSame(options: [String]) throws {
            let alone = try Self.losses(ranks: nil)
            for ranks in [2, 4] {
                let found = try Self.losses(ranks: ranks, options)
                #expect(
                    Compare.relativeMismatch("\(options), \(ranks) ranks", found, alone, tolerance: Self.tolerance)
                        == nil)
            }
        }

        /// Each rank finds its negatives among the pairs of all.
        @Test
        func negativesComeFromAllRanks() throws {
            func losses(ranks: Int?) throws -> [Double] {
                let run = try GoldenRun(
                    "net_contrastive",
                    editSolver: { $0 = $0.replacing("max_iter: 20", with: "max_iter: 10\ndisplay: 1") },
                    editNet: {
                        GoldenRun.stir(&$0)
                        GoldenRun.endIn(#"type: "InfoNCELoss" info_nce_loss_param { temperature: 0.2 }"#, &$0)
                    })
                let command = try Tool.run(
                    ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix], ranks: ranks)
                try #require(command.status == 0, "\(command.standardError)")
                return try run.metrics().filter { $0.phase == "train" }.map { $0.loss ?? .nan }
            }
            let alone = try losses(ranks: nil)
            #expect(Set(alone).count == 10)
            for ranks in 1...4 {
                #expect(
                    Compare.relativeMismatch(
                        "\(ranks) ranks", try losses(ranks: ranks), alone, tolerance: Self.tolerance)
                        == nil)
            }
        }

        @Test
        func batchPerRankMultiplies() throws {
            let run = try Self.run()
            let command = try Tool.run(
                [
                    "train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--batch-per-rank", "--max-iter",
                    "2",
                ],
                ranks: 2)
            #expect(command.status == 0)
            #expect(
                command.standardError.contains(
                    "--batch-per-rank: 8 pairs on each of 2 ranks make a global batch of 16"))
            // The same as one rank with a batch of 16.
            let doubled = try GoldenRun(
                "net_contrastive", editSolver: { $0 += "display: 1\n" },
                editNet: { net in
                    GoldenRun.stir(&net)
                    net = net.replacing("batch_size: 8", with: "batch_size: 16")
                })
            let alone = try Tool.run(
                ["train", "--solver", doubled.solver, "--snapshot-prefix", doubled.prefix, "--max-iter", "2"])
            #expect(alone.status == 0)
            let (found, expected) = (try run.metrics(), try doubled.metrics())
            #expect(expected.count == 2)
            #expect(
                Compare.relativeMismatch(
                    "loss", found.map { $0.loss ?? .nan }, expected.map { $0.loss ?? .nan },
                    tolerance: Self.tolerance) == nil)
        }

        /// Rank zero speaks and the others keep quiet.
        @Test
        func oneRankSpeaks() throws {
            let run = try Self.run()
            let command = try Tool.run(
                ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--max-iter", "2"], ranks: 3)
            #expect(command.status == 0)
            for line in ["Solving SmallSiamese", "TRAIN: train1.txt and train2.txt: 20 pairs", "Optimization Done."] {
                #expect(command.standardError.components(separatedBy: line).count == 2, "\(line) once")
            }
            #expect(command.standardError.contains("3 rank(s):"))
        }

        @Test
        func checkAgrees() throws {
            let command = try Tool.run(["check"], ranks: 2)
            #expect(command.status == 0)
            #expect(command.standardError.contains("2 rank(s) agree on everything"))
        }
    }
}
