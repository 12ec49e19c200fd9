import CaffeProto
import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// What the user sees of snapshots: how many, when, whose, and what happens to damaged ones.
    struct SnapshotTests {
        private static func run(_ more: String = "", maxIter: Int = 4) throws -> GoldenRun {
            try GoldenRun(
                "net_contrastive",
                editSolver: {
                    $0 = $0.replacing("max_iter: 20", with: "max_iter: \(maxIter)\ndisplay: 1\n\(more)")
                        .replacing("snapshot_after_train: false", with: "snapshot_after_train: true")
                })
        }

        private static func arguments(_ run: GoldenRun, _ more: [String] = [], prefix: String? = nil) -> [String] {
            ["train", "--solver", run.solver, "--snapshot-prefix", prefix ?? run.prefix, "--threads", "1"] + more
        }

        private static func states(_ run: GoldenRun) throws -> [String] {
            try run.folder.names.filter { $0.hasSuffix(".solverstate") }
        }

        @Test(arguments: [("snapshot: 1 snapshot_keep: 2", []), ("snapshot: 1", ["--snapshot-keep", "2"])])
        func theNewestAreKept(solver: String, flags: [String]) throws {
            let run = try Self.run(solver)
            #expect(try Tool.run(Self.arguments(run, flags)).status == 0)
            #expect(try Self.states(run) == ["snap_iter_3.solverstate", "snap_iter_4.solverstate"])
            #expect(try !run.folder.names.contains("snap.lock"))
        }

        @Test(arguments: [nil, 2])
        func byTime(ranks: Int?) throws {
            let run = try Self.run("snapshot_keep: 2", maxIter: 1_000_000)
            let tool = try RunningTool(
                Self.arguments(run, ["--snapshot-seconds", "0.3"]), mark: run.prefix, ranks: ranks)
            for _ in 0..<2 {
                let before = tool.said.matches(of: #/Snapshot of iteration \d+ written/#).count
                while tool.said.matches(of: #/Snapshot of iteration \d+ written/#).count == before {
                    try tool.wait(for: "Iteration ")
                    usleep(20_000)
                }
            }
            tool.signal(ranks == nil ? SIGINT : SIGUSR2)
            #expect(tool.status() == 0, "\(tool.said)")
            #expect(try Self.states(run).count == 2)
        }

        @Test
        func aDamagedOneIsRefusedAndTheNewestWholeOneNamed() throws {
            let run = try Self.run("snapshot: 2")
            #expect(try Tool.run(Self.arguments(run)).status == 0)
            var model = try run.folder.data(of: "snap_iter_4.caffemodel")
            model[model.count / 2] ^= 0x10
            try run.folder.write("snap_iter_4.caffemodel", model)
            let refused = try Tool.run(Self.arguments(run, ["--snapshot", run.prefix + "_iter_4.solverstate"]))
            #expect(refused.status == 1)
            #expect(refused.errors.count == 1)
            #expect(refused.errors[0].contains("\(run.prefix)_iter_4.caffemodel is damaged"))
            #expect(refused.errors[0].contains("the newest whole snapshot is \(run.prefix)_iter_2.solverstate"))
            let resumed = try Tool.run(Self.arguments(run, ["--resume"]))
            #expect(resumed.status == 0)
            #expect(resumed.standardError.contains("\(run.prefix)_iter_4.caffemodel is damaged"))
            #expect(resumed.standardError.contains("from \(run.prefix)_iter_2.solverstate, iteration 2"))
        }

        /// It does not begin anew by itself, since what hinders may pass.
        @Test func withoutAWholeOneNothingBegins() throws {
            let run = try Self.run()
            try run.folder.write("snap_iter_2.solverstate", Data([8, 2, 18, 1]))
            let command = try Tool.run(Self.arguments(run, ["--resume"]))
            #expect(command.status == 1)
            #expect(command.errors.first?.contains("none of the snapshots under \(run.prefix) can be used") == true)
        }

        @Test(arguments: ["--weights", "--snapshot"])
        func hdf5IsExplained(flag: String) throws {
            let run = try Self.run()
            let bytes = Data([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]) + Data(count: 100)
            let path = try run.folder.write("snap_iter_9.solverstate.h5", bytes)
            let command = try Tool.run(Self.arguments(run, [flag, path]))
            #expect(command.status == 1)
            #expect(command.errors.first?.contains("snapshots in HDF5 are not read") == true)
            #expect(command.errors.first?.contains("snapshot_format: BINARYPROTO") == true)
        }

        /// The disk holds one snapshot and a half: the first is written, and stays as it was when the others are not.
        @Test(.enabled(if: TestDisk.isPossible, "mounting a small disk takes root"), arguments: [nil, 2])
        func aFullDiskEndsNothingButTheLastIsMissed(ranks: Int?) throws {
            let disk = try TestDisk(kilobytes: 1100)
            let run = try Self.run("snapshot: 1")
            let command = try Tool.run(Self.arguments(run, prefix: disk.path + "/snap"), ranks: ranks)
            #expect(command.status == 1)
            #expect(command.errors.count == 1)
            #expect(command.errors.first?.contains("no snapshot of iteration 4") == true)
            #expect(command.standardError.contains("Iteration 3, lr"), "training goes on")
            for iteration in 2...4 {
                #expect(command.standardError.contains("no snapshot of iteration \(iteration): can't write"))
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: disk.path)
            #expect(
                names.filter { $0.hasPrefix("snap_") }.sorted() == [
                    "snap_iter_1.caffemodel", "snap_iter_1.solverstate",
                ])
            #expect(!names.contains("snap.lock"))
        }

        @Test(arguments: [nil, 2])
        func aSecondTrainingIsRefused(ranks: Int?) throws {
            let run = try Self.run("snapshot: 1 snapshot_keep: 1", maxIter: 1_000_000)
            let tool = try RunningTool(Self.arguments(run), mark: run.prefix, ranks: ranks)
            try tool.wait(for: "Snapshot of iteration 2 written")
            let second = try Tool.run(Self.arguments(run, ["--resume"]), ranks: ranks)
            #expect(second.status == 1)
            #expect(second.errors.count == 1)
            #expect(
                second.errors.first?.contains("another training with this snapshot prefix runs as process ") == true)
            if ranks == nil { tool.signal(SIGKILL) } else { try tool.signal(SIGKILL, rank: 0) }
            _ = tool.status()
            #expect(run.folder.has("snap.lock"))
            let third = try Tool.run(Self.arguments(run, ["--resume", "--max-iter", "1"]), ranks: ranks)
            #expect(third.status == 0, "\(third.standardError)")
            #expect(third.standardError.contains("is left behind: that process has ended; taken over"))
            #expect(try !run.folder.names.contains { $0.contains(".tmp-") || $0 == "snap.lock" })
        }
    }
}
