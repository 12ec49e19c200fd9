import CaffeProto
import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// A training that is told to stop keeps what it has learnt, and says so by its status.
    struct StoppingTests {
        /// A training of so many iterations that it does not end by itself.
        private static func training(_ more: String = "", maxIter: Int = 1_000_000) throws -> GoldenRun {
            try GoldenRun(
                "net_contrastive",
                editSolver: { $0 = $0.replacing("max_iter: 20", with: "max_iter: \(maxIter)\ndisplay: 1\n\(more)") },
                editNet: GoldenRun.stir)
        }

        private static func arguments(_ run: GoldenRun, _ more: [String] = []) -> [String] {
            ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--threads", "1"] + more
        }

        private static func start(_ run: GoldenRun, ranks: Int?, _ more: [String] = []) throws -> RunningTool {
            try RunningTool(arguments(run, more), mark: run.prefix, ranks: ranks)
        }

        /// The iterations of which there are snapshots with both files.
        private static func snapshots(_ run: GoldenRun) throws -> [Int] {
            let names = Set(try run.folder.names)
            return names.compactMap { name in
                let iteration = name.wholeMatch(of: /snap_iter_(\d+)\.solverstate/).flatMap { Int($0.1) }
                return iteration.flatMap { names.contains("snap_iter_\($0).caffemodel") ? $0 : nil }
            }.sorted()
        }

        /// What remains of the run is as good as one that went straight on.
        @Test(
            arguments: [
                (SIGINT, nil, 0), (SIGTERM, nil, 75), (SIGUSR2, 2, 0), (SIGUSR1, 2, 75),
            ] as [(Int32, Int?, Int32)])
        func stopsWithASnapshotAndGoesOnBitForBit(signal: Int32, ranks: Int?, status: Int32) throws {
            let run = try Self.training()
            let tool = try Self.start(run, ranks: ranks)
            try tool.wait(for: "Iteration 5 ")
            // mpirun hands it to all ranks, in no order.
            tool.signal(signal)
            #expect(tool.status() == status, "\(tool.said)")
            let name = [SIGINT: "SIGINT", SIGTERM: "SIGTERM", SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2"][signal] ?? ""
            let told = tool.said.matches(of: try Regex("\(name).* at iteration \\d+: training"))
            #expect(told.count == 1, "\(tool.said)")
            #expect(tool.said.contains("Optimization stopped early."))
            #expect(tool.said.contains(" iterations at "), "the summary of a full run")
            let kept = try Self.snapshots(run)
            try #require(kept.count == 1 && kept[0] > 5)

            let (last, more) = (kept[0] + 3, ["--max-iter", "\(kept[0] + 3)"])
            try #require(try Tool.run(Self.arguments(run, more + ["--resume"]), ranks: ranks).status == 0)
            let resumed = try run.metrics().map(\.loss)
            let straight = try Self.training()
            try #require(try Tool.run(Self.arguments(straight, more), ranks: ranks).status == 0)
            #expect(resumed == (try straight.metrics().map(\.loss)))
            #expect(resumed.count == last)
        }

        /// One rank's SIGHUP makes all write a snapshot, once, and go on.
        @Test(arguments: [nil, 2])
        func hangUpMeansASnapshot(ranks: Int?) throws {
            let run = try Self.training()
            let tool = try Self.start(run, ranks: ranks)
            try tool.wait(for: "Iteration 3 ")
            if ranks == nil { tool.signal(SIGHUP) } else { try tool.signal(SIGHUP, rank: 1) }
            try tool.wait(for: "Snapshot of iteration ")
            let before = tool.said.matches(of: #/Iteration \d+ /#).count
            try tool.wait(for: "Iteration \(before + 5) ")
            #expect(try Self.snapshots(run).count == 1)
            tool.signal(ranks == nil ? SIGTERM : SIGUSR1)
            #expect(tool.status() == 75)
            #expect(try Self.snapshots(run).count == 2)
            if ranks != nil { #expect(tool.said.contains("SIGHUP on rank 1 (")) }
        }

        /// Who is in a hurry need not wait for the others; but what comes twice in an instant is one signal.
        @Test
        func theSecondSignalEndsAtOnce() throws {
            let run = try Self.training()
            let tool = try Self.start(run, ranks: 2)
            try tool.wait(for: "Iteration 3 ")
            try tool.signal(SIGSTOP, rank: 1)
            for _ in 0..<2 {
                try tool.signal(SIGUSR2, rank: 0)
                usleep(300_000)
            }
            usleep(900_000)
            try tool.signal(SIGTERM, rank: 0)
            #expect(tool.status() == 128 + SIGTERM, "\(tool.said)")
            #expect(try Self.snapshots(run) == [])
        }

        /// What reaches a rank before the first step is done as soon as there are ranks to agree.
        @Test
        func stopsBeforeTheFirstStep() throws {
            let run = try Self.training()
            let tool = try Self.start(run, ranks: 2)
            try tool.wait(for: "rank(s):")
            tool.signal(SIGUSR2)
            #expect(tool.status() == 0)
            #expect(tool.said.contains("SIGUSR2 on rank "))
            let kept = try Self.snapshots(run)
            #expect(kept.count <= 1, "nothing to keep at iteration 0")
        }

        /// A long test doesn't hold an eviction up, and is made again later.
        @Test(arguments: [nil, 2])
        func aTestIsBrokenOff(ranks: Int?) throws {
            let run = try Self.training()
            let text = try run.folder.text(of: "solver.prototxt").replacing("test_iter: 3", with: "test_iter: 1000000")
                .replacing("test_interval: 1000", with: "test_interval: 4")
            try run.folder.write("solver.prototxt", text)
            let tool = try Self.start(run, ranks: ranks)
            try tool.wait(for: "Iteration 4, Testing net (#0)")
            tool.signal(ranks == nil ? SIGTERM : SIGUSR1)
            #expect(tool.status() == 75, "\(tool.said)")
            #expect(!tool.said.contains("Test net output"))
            #expect(try Self.snapshots(run) == [4])
        }
    }
}
