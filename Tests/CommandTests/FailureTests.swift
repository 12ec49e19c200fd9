import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// Whatever becomes of a rank or a host: one message that names it, and an end.
    struct FailureTests {
        /// A training that does not end by itself.
        private static func training() throws -> GoldenRun {
            try GoldenRun(
                "net_contrastive",
                editSolver: { $0 = $0.replacing("max_iter: 20", with: "max_iter: 1000000\ndisplay: 1") })
        }

        private static func arguments(_ run: GoldenRun) -> [String] {
            [
                "train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--threads", "1", "--stall-timeout",
                "8",
            ]
        }

        private static func start(_ run: GoldenRun, ranks: Int?) throws -> RunningTool {
            let tool = try RunningTool(arguments(run), mark: run.prefix, ranks: ranks)
            try tool.wait(for: "Iteration 3 ")
            return tool
        }

        /// As where the disk of the log is full.
        @Test func aLogThatCannotBeWrittenChangesNothing() throws {
            let command = try Command.run("sh", ["-c", "\(Tool.path) train --solver /nonexistent 2>/dev/full"])
            #expect(command.status == 1)
        }

        /// A rank that dies says so itself; the others keep quiet.
        @Test func aDyingRankSaysSo() throws {
            let run = try Self.training()
            let tool = try Self.start(run, ranks: 3)
            try tool.signal(SIGSEGV, rank: 1)
            let status = try #require(tool.status(timeout: 12))
            #expect(status == 128 + SIGSEGV)
            #expect(tool.errors.count == 1)
            let pattern = try Regex(
                "^rank 1 \\(.*\\) died in iteration \\d+ of signal \\d+ \\(SIGSEGV: .*; all ranks end")
            #expect(tool.errors.first?.contains(pattern) == true, "\(tool.said)")
        }

        @Test func aKilledRankEndsTheJob() throws {
            let run = try Self.training()
            let tool = try Self.start(run, ranks: 2)
            try tool.signal(SIGKILL, rank: 1)
            let status = try #require(tool.status(timeout: 12))
            #expect(status == 128 + SIGKILL)
            #expect(tool.errors == [], "mpirun says it")
        }

        @Test(arguments: [0, 1])
        func aStoppedRankIsNamedAndTheJobEnds(rank: Int) throws {
            let run = try Self.training()
            let tool = try Self.start(run, ranks: 3)
            try tool.signal(SIGSTOP, rank: rank)
            try tool.wait(for: "nothing has got on for 2 s")
            #expect(
                tool.said.contains(
                    try Regex("rank \(rank) \\(.*\\): its host answers, so the process is probably stopped")))
            #expect(try #require(tool.status(timeout: 20)) == 74)
            #expect(tool.errors.count == 1, "\(tool.said)")
            #expect(tool.errors.first?.hasPrefix("nothing has got on for 8 s: ") == true)
        }

        @Test func aRankThatGoesOnIsNotKilled() throws {
            let run = try Self.training()
            let tool = try Self.start(run, ranks: 2)
            try tool.signal(SIGSTOP, rank: 1)
            try tool.wait(for: "nothing has got on for")
            try tool.signal(SIGCONT, rank: 1)
            try tool.wait(for: "the job goes on again")
            tool.signal(SIGUSR2)
            #expect(tool.status() == 0)
        }

        /// A file system that hangs holds a world of one up, too.
        @Test func whoWaitsForAnImageIsNamed() throws {
            let run = try Self.training()
            let image = run.folder.file("net_contrastive/own.jpg")
            try FileManager.default.copyItem(atPath: Golden.path("images/12_ihc_a.jpg"), toPath: image)
            try run.change("net_contrastive/train1.txt") { $0[12] = "own.jpg 1" }
            let tool = try Self.start(run, ranks: nil)
            // Who opens a file that another process holds a lease on waits for it, up to 45 s; the holder gets a signal.
            let held = run.folder.file("held.jpg")
            try FileManager.default.copyItem(atPath: image, toPath: held)
            let descriptor = open(held, O_RDONLY)
            defer { close(descriptor) }
            signal(SIGIO, SIG_IGN)
            let setLease: Int32 = 1024
            try #require(fcntl(descriptor, setLease, Int32(F_WRLCK)) == 0 && rename(held, image) == 0)
            #expect(try #require(tool.status(timeout: 20)) == 74)
            #expect(tool.errors.count == 1)
            let pattern = try Regex("^nothing has got on for 8 s: wait for its pairs in iteration \\d+")
            #expect(tool.errors.first?.contains(pattern) == true, "\(tool.said)")
        }

        /// The other hosts' ranks end, and so do those of a host that nobody reaches.
        @Test(.enabled(if: EmulatedCluster.obstacle == nil, "\(EmulatedCluster.obstacle ?? "")"))
        func aHostThatIsCutOffIsNamed() throws {
            let cluster = try EmulatedCluster(hosts: 2, slots: 1)
            let run = try Self.training()
            let tool = try cluster.start(Self.arguments(run), ranks: 2)
            try tool.wait(for: "Iteration 3 ")
            try #require(try cluster.call(["cut", "node2", "--silent"]).status == 0)
            try tool.wait(for: "nothing has got on for")
            #expect(tool.said.contains("nothing is heard of rank 1 (node2): its host does not answer"), "\(tool.said)")
            let status = try #require(tool.status(timeout: 25))
            #expect(status != 0)
            let limit = Date.now + 15
            while try cluster.call(["pids", "node2", "twotower"]).standardOutput != "", Date.now < limit {
                usleep(200_000)
            }
            #expect(try cluster.call(["pids", "node2", "twotower"]).standardOutput == "")
        }
    }
}
