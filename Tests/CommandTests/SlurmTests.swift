import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// A training that Slurm takes the nodes away from comes back, and ends as if nothing had happened.
    @Suite(.enabled(if: EmulatedSlurm.obstacle == nil, "\(EmulatedSlurm.obstacle ?? "")"))
    struct SlurmTests {
        private static let iterations = 600

        private static func training() throws -> GoldenRun {
            try GoldenRun(
                "net_contrastive",
                editSolver: {
                    $0 = $0.replacing("max_iter: 20", with: "max_iter: \(iterations)\ndisplay: 1")
                        .replacing("snapshot_after_train: false", with: "snapshot_after_train: true")
                }, editNet: GoldenRun.stir)
        }

        private static func submit(_ run: GoldenRun, to slurm: EmulatedSlurm) throws -> EmulatedSlurm.Job {
            try slurm.submit(nodes: 2, in: run.folder, ["--solver", run.solver, "--snapshot-prefix", run.prefix])
        }

        /// Waits until so many iterations have been displayed.
        private static func reach(_ iteration: Int, _ job: EmulatedSlurm.Job, _ run: GoldenRun) throws {
            let there = try job.waits { (try? run.metrics().last?.iteration) ?? 0 >= iteration }
            try #require(there, "\(job.said)")
        }

        private static func snapshots(of run: GoldenRun) throws -> [String] {
            try run.folder.names.filter { $0.hasPrefix("snap_iter_") && $0.hasSuffix(".solverstate") }
        }

        /// Evicted as its user can, as an administrator can, and by a job that goes before.
        @Test(.timeLimit(.minutes(4)))
        func evictedThreeTimesItEndsTheSame() throws {
            let slurm = try EmulatedSlurm(nodes: 2)
            let straight = try Self.training()
            let undisturbed = try Self.submit(straight, to: slurm)
            try #require(try undisturbed.end() == "COMPLETED", "\(undisturbed.said)")

            let run = try Self.training()
            let job = try Self.submit(run, to: slurm)
            try Self.reach(100, job, run)
            try slurm.execute(["scancel", "--batch", "--signal=TERM", job.number])
            try Self.reach(250, job, run)
            try slurm.execute(["scontrol", "requeue", job.number])
            try Self.reach(400, job, run)
            try slurm.execute(
                [
                    "sbatch", "--partition", "high", "--nodes", "2", "--exclusive", "--output", "/dev/null", "--wrap",
                    "true",
                ])
            #expect(try job.end() == "COMPLETED", "\(job.said)")

            #expect(try job.value(of: "Restarts") == "3")
            let resumed = job.said.matches(of: /Restoring previous solver status from .*, iteration (\d+)/)
                .compactMap { Int($0.1) }
            try #require(resumed.count == 3, "\(job.said)")
            #expect(resumed[0] >= 100 && resumed[1] >= 250 && resumed[2] >= 400, "\(resumed)")
            let last = "snap_iter_\(Self.iterations).caffemodel"
            #expect(try run.folder.data(of: last) == straight.folder.data(of: last))
            #expect(try run.metrics().map(\.loss) == straight.metrics().map(\.loss))
        }

        /// What its user stops is done, with a snapshot.
        @Test(.timeLimit(.minutes(2)))
        func stoppedItDoesNotComeBack() throws {
            let slurm = try EmulatedSlurm(nodes: 2)
            let run = try Self.training()
            let job = try Self.submit(run, to: slurm)
            try Self.reach(20, job, run)
            try slurm.execute(["scancel", "--batch", "--signal=INT", job.number])
            #expect(try job.end() == "COMPLETED", "\(job.said)")
            #expect(try job.value(of: "Restarts") == "0")
            let snapshots = try Self.snapshots(of: run)
            #expect(snapshots.count == 1)
            #expect(snapshots.allSatisfy { !$0.contains("_iter_\(Self.iterations).") }, "it went on to its end")
        }

        /// What its user cancels is gone, and a snapshot is there all the same.
        @Test(.timeLimit(.minutes(2)))
        func cancelledItDoesNotComeBack() throws {
            let slurm = try EmulatedSlurm(nodes: 2)
            let run = try Self.training()
            let job = try Self.submit(run, to: slurm)
            try Self.reach(20, job, run)
            try slurm.execute(["scancel", job.number])
            // The state is there at once, the end when the ranks have left.
            let gone = try job.waits { try slurm.execute(["squeue", "--noheader"]).isEmpty }
            #expect(gone, "\(job.said)")
            #expect(try job.value(of: "JobState") == "CANCELLED")
            #expect(try Self.snapshots(of: run).count == 1, "\(job.said)")
        }

        /// A fault of the user's ends the job with its status, at the first start.
        @Test(.timeLimit(.minutes(2)))
        func wrongUsageDoesNotComeBack() throws {
            let slurm = try EmulatedSlurm(nodes: 1)
            let run = try Self.training()
            let job = try slurm.submit(nodes: 1, in: run.folder, ["--solver", run.solver, "--no-such-option"])
            #expect(try job.end() == "FAILED")
            #expect(try job.value(of: "ExitCode") == "64:0", "\(job.said)")
            #expect(try job.value(of: "Restarts") == "0")
        }
    }
}
