import CaffeProto
import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// Stop and resume changes nothing: not the order of pairs, nor dropout, nor the rate, nor the momentum.
    struct ResumeTests {
        /// Twelve iterations of 8 pairs over lists of 20: neither the stop nor the end is at the end of a list.
        private static func run(seed: String = "random_seed: 1701") throws -> GoldenRun {
            try GoldenRun(
                "net_contrastive",
                editSolver: {
                    $0 = $0.replacing("max_iter: 20", with: "max_iter: 12\ndisplay: 1\naverage_loss: 3")
                        .replacing("snapshot_after_train: false", with: "snapshot_after_train: true")
                        .replacing("stepsize: 8", with: "stepsize: 5").replacing("random_seed: 1701", with: seed)
                }, editNet: GoldenRun.stir)
        }

        private static func train(_ run: GoldenRun, ranks: Int?, _ more: String...) throws -> Command {
            try train(run, ranks: ranks, more)
        }

        @discardableResult
        private static func train(_ run: GoldenRun, ranks: Int?, _ more: [String]) throws -> Command {
            let command = try Tool.run(
                ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix] + more, ranks: ranks)
            try #require(command.status == 0, "\(command.standardError)")
            return command
        }

        private static let lastFiles = ["snap_iter_12.caffemodel", "snap_iter_12.solverstate"]

        /// Takes what the run has written, and gives its folder back empty.
        private static func takeFiles(of run: GoldenRun) throws -> (files: [Data], metrics: [MetricsLine]) {
            let taken = (try lastFiles.map { try run.folder.data(of: $0) }, try run.metrics())
            for name in try run.folder.names where name.hasPrefix("snap") {
                try FileManager.default.removeItem(atPath: run.folder.file(name))
            }
            return taken
        }

        @Test(
            arguments: [
                (nil, []), (2, []), (2, ["--exchange", "factors"]), (2, ["--exchange", "sharded"]),
                (2, ["--placement", "split"]),
            ] as [(Int?, [String])])
        func resumedIsBitForBitTheSame(ranks: Int?, options: [String]) throws {
            let run = try Self.run()
            _ = try Self.train(run, ranks: ranks, options)
            let straight = try Self.takeFiles(of: run)
            _ = try Self.train(run, ranks: ranks, options + ["--max-iter", "6"])
            let resuming = try Self.train(run, ranks: ranks, options + ["--resume"])
            let said = "Restoring previous solver status from \(run.prefix)_iter_6.solverstate, iteration 6"
            #expect(resuming.standardError.contains(said))
            let resumed = try Self.takeFiles(of: run)
            #expect(resumed.files[0] == straight.files[0], "caffemodel")
            #expect(resumed.files[1] == straight.files[1], "solverstate")
            #expect(straight.metrics.count == 12)
            #expect(resumed.metrics.map(\.loss) == straight.metrics.map(\.loss))
            #expect(resumed.metrics.map(\.smoothedLoss) == straight.metrics.map(\.smoothedLoss))
        }

        /// What the first half has chosen by measuring, the second does not choose anew: a snapshot remembers it.
        @Test
        func theExchangeOfTheSnapshotGoesOn() throws {
            let run = try Self.run()
            try Self.train(run, ranks: 2, ["--exchange", "factors"])
            let straight = try Self.takeFiles(of: run)
            try Self.train(run, ranks: 2, ["--exchange", "factors", "--max-iter", "6"])
            let resuming = try Self.train(run, ranks: 2, ["--resume"])
            #expect(resuming.standardError.contains(/exchange: .* by factors/))
            #expect(try Self.takeFiles(of: run).files[0] == straight.files[0], "caffemodel")
        }

        @Test(arguments: [(nil, 2), (2, nil), (2, 3)] as [(Int?, Int?)])
        func anotherNumberOfRanksGoesOnAlike(before: Int?, after: Int?) throws {
            let run = try Self.run()
            _ = try Self.train(run, ranks: nil)
            let straight = try Self.takeFiles(of: run)
            _ = try Self.train(run, ranks: before, "--max-iter", "6")
            _ = try Self.train(run, ranks: after, "--snapshot", run.prefix + "_iter_6.solverstate")
            let resumed = try Self.takeFiles(of: run)
            #expect(straight.metrics.count == 12)
            #expect(
                Compare.relativeMismatch(
                    "loss", resumed.metrics.map { $0.loss ?? .nan }, straight.metrics.map { $0.loss ?? .nan }) == nil)
        }

        /// Killed several times, some of them while a snapshot is half-written, a training comes to the same bits.
        @Test(arguments: [(nil, 1), (nil, 2), (2, 3)] as [(Int?, UInt64)])
        func killedAtAnyInstantItGoesOn(ranks: Int?, seed: UInt64) throws {
            let run = try Self.run()
            let options = ["--max-iter", "100", "--threads", "1"]
            try Self.train(run, ranks: ranks, options)
            let straight = try ["caffemodel", "solverstate"].map { try run.folder.data(of: "snap_iter_100.\($0)") }
            for name in try run.folder.names where name.hasPrefix("snap") {
                try FileManager.default.removeItem(atPath: run.folder.file(name))
            }
            let solver = try run.folder.text(of: "solver.prototxt")
            try run.folder.write("solver.prototxt", solver + "\nsnapshot: 2\nsnapshot_keep: 3\n")
            var random = SplitMix(state: seed)
            var safe = 0
            for kill in 0..<5 {
                let tool = try RunningTool(
                    ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--resume"] + options,
                    mark: run.prefix, ranks: ranks)
                try tool.wait(for: "Iteration \(min(safe + Int(random.next() % 6), 90)) ")
                if kill % 2 == 0 {
                    let limit = Date.now + 5
                    while Date.now < limit, try !run.folder.names.contains(where: { $0.contains(".tmp-") }) {}
                } else {
                    usleep(UInt32(random.next() % 20_000))
                }
                if ranks == nil { tool.signal(SIGKILL) } else { try? tool.signal(SIGKILL, rank: 0) }
                _ = tool.status()
                let restored = tool.said.firstMatch(of: #/solver status from .*, iteration (\d+)/#).flatMap {
                    Int($0.1)
                }
                #expect(restored ?? 0 >= safe, "nothing is lost that was whole")
                safe =
                    tool.said.matches(of: #/Snapshot of iteration (\d+) written/#).compactMap { Int($0.1) }.max()
                    ?? safe
            }
            try Self.train(run, ranks: ranks, options + ["--resume"])
            #expect(try run.folder.data(of: "snap_iter_100.caffemodel") == straight[0], "caffemodel")
            #expect(try run.folder.data(of: "snap_iter_100.solverstate") == straight[1], "solverstate")
        }

        /// Where the solver gives no seed, one is drawn, and the snapshot keeps it.
        @Test
        func theDrawnSeedIsKept() throws {
            let run = try Self.run(seed: "")
            _ = try Self.train(run, ranks: nil, "--max-iter", "2")
            _ = try Self.train(run, ranks: nil, "--max-iter", "4", "--resume")
            let seeds = try [2, 4].map {
                try SolverStateReader(run.prefix + "_iter_\($0).solverstate").header.twoTower.randomSeed
            }
            #expect(seeds[0] > 0)
            #expect(seeds[0] == seeds[1])
            let other = try Self.run(seed: "")
            _ = try Self.train(other, ranks: nil, "--max-iter", "2")
            #expect(try SolverStateReader(other.prefix + "_iter_2.solverstate").header.twoTower.randomSeed != seeds[0])
        }

        @Test
        func resumeWithoutASnapshotBegins() throws {
            let run = try Self.run()
            let command = try Self.train(run, ranks: nil, "--max-iter", "1", "--resume")
            #expect(command.standardError.contains("--resume: no complete snapshot under \(run.prefix)"))
            #expect(run.folder.has("snap_iter_1.solverstate"))
        }

        /// A copy that was cut short does not stand in the way of the one before it.
        @Test
        func resumePassesOverATruncatedSnapshot() throws {
            let run = try Self.run()
            _ = try Self.train(run, ranks: nil, "--max-iter", "1")
            _ = try Self.train(run, ranks: nil, "--max-iter", "2")
            let model = try run.folder.data(of: "snap_iter_2.caffemodel")
            try run.folder.write("snap_iter_2.caffemodel", model.prefix(model.count / 2))
            let command = try Self.train(run, ranks: nil, "--max-iter", "3", "--resume")
            #expect(command.standardError.contains("from \(run.prefix)_iter_1.solverstate, iteration 1"))
        }

        /// What the snapshot was trained on is compared with what it is now trained on.
        @Test(arguments: [nil, 2])
        func changedListsAndBatchAreRefused(ranks: Int?) throws {
            let run = try Self.run()
            _ = try Self.train(run, ranks: nil, "--max-iter", "1")
            let net = "net_contrastive/train_val.prototxt"
            let text = try run.folder.text(of: net).replacing("train2.txt", with: "train1.txt")
                .replacing("batch_size: 8", with: "batch_size: 6")
            try run.folder.write(net, text)
            let more = ["--max-iter", "2", "--resume"]
            let refused = try Tool.run(
                ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix] + more, ranks: ranks)
            #expect(refused.status == 1)
            #expect(refused.errors.count == 1)
            #expect(refused.errors.first?.contains("the fingerprint of the lists was ") == true)
            #expect(refused.errors.first?.contains("batch_size was 8 and is 6") == true)
            #expect(!refused.standardError.contains("Iteration 1"))
            let allowed = try Self.train(run, ranks: ranks, more + ["--allow-changed", "lists,batch"])
            #expect(allowed.standardError.contains("--allow-changed batch: training goes on"))
        }
    }
}

/// Random numbers by a seed (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
