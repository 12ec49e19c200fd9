import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// `deploy/launch` on this machine: what it gives mpirun, and when it starts again.
    struct LaunchTests {
        private static let launch = Golden.directory.appending(path: "../../deploy/launch").standardizedFileURL.path

        private static func launch(_ arguments: [String], timeout: Int = 60) throws -> Command {
            try Command.run(
                launch, arguments, timeout: timeout, environment: ["TWOTOWER": Tool.path],
                directory: FileManager.default.temporaryDirectory.path)
        }

        @Test
        func theDryRunShowsSettingsAndCommand() throws {
            let command = try Self.launch([
                "--dry-run", "-np", "2", "--tag-output", "--", "train", "--solver", "a b", "--resume",
            ])
            #expect(command.status == 0)
            #expect(command.standardOutput.contains("OMPI_MCA_oob_tcp_keepalive_time=5\n"))
            #expect(command.standardOutput.contains("OMPI_MCA_rmaps_base_oversubscribe=1\n"))
            let line = "mpirun -np 2 --tag-output \(Tool.path) train --solver a\\ b --resume \n"
            #expect(command.standardOutput.hasSuffix(line), "\(command.standardOutput)")
        }

        @Test(arguments: [
            (["--restart", "1", "--", "test"], "--restart is for train"),
            (["--restart", "1", "--", "train", "--snapshot", "a"], "leave --snapshot out"),
            (["--restart", "--", "train"], "--restart needs a value"),
            (["--hostfile", "/nowhere/hosts", "--", "train"], "the hostfile /nowhere/hosts can't be read"),
            (["-np", "2"], "after '--'"),
        ])
        func whatIsWrongIsSaid(arguments: [String], sentence: String) throws {
            let command = try Self.launch(arguments)
            #expect(command.status == 1)
            #expect(command.standardError.contains(sentence), "\(command.standardError)")
        }

        /// Neither wrong usage nor what is wrong with the definitions goes away by starting again.
        @Test
        func whatComesAgainIsNotTriedForEver() throws {
            let usage = try Self.launch(["-np", "1", "--restart", "5", "--", "train", "--no-such-option"])
            #expect(usage.status == 64)
            #expect(!usage.standardError.contains("launch: restart"))

            let solver = try Self.launch(["-np", "1", "--restart", "5", "--", "train", "--solver", "/nowhere/solver"])
            #expect(solver.status == 1)
            #expect(solver.errors.count == 2, "\(solver.standardError)")
            #expect(solver.standardError.contains("the same again, with nothing trained"))
        }
    }

    /// `deploy/launch` and `deploy/sync` on several hosts.
    @Suite(.enabled(if: EmulatedCluster.obstacle == nil, "\(EmulatedCluster.obstacle ?? "")"))
    struct LaunchOnHostsTests {
        /// A training that doesn't end by itself.
        private static func training() throws -> (run: GoldenRun, arguments: [String]) {
            let run = try GoldenRun(
                "net_contrastive",
                editSolver: {
                    $0 = $0.replacing("max_iter: 20", with: "max_iter: 1000000\ndisplay: 1\nsnapshot: 5")
                }, editNet: GoldenRun.stir)
            return (run, ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--threads", "1"])
        }

        /// mpirun itself would kill the ranks before they had written it.
        @Test(arguments: [(SIGTERM, 75), (SIGINT, 0)] as [(Int32, Int32)])
        func whatAsksForTheEndGetsASnapshot(signal: Int32, status: Int32) throws {
            let cluster = try EmulatedCluster(hosts: 2, slots: 1)
            let (run, arguments) = try Self.training()
            let tool = try cluster.start(arguments, options: [], mark: run.prefix)
            try tool.wait(for: "Iteration 2 ", timeout: 60)
            tool.signal(signal)
            #expect(tool.status(timeout: 60) == status, "\(tool.said)")
            let last = try #require(try run.metrics().last).iteration + 1
            #expect(run.folder.has("snap_iter_\(last).solverstate"))
        }

        @Test
        func aCrashedHostIsLeftOut() throws {
            let cluster = try EmulatedCluster(hosts: 2, slots: 1)
            let (run, arguments) = try Self.training()
            let tool = try cluster.start(arguments, options: ["--restart", "3"], mark: run.prefix)
            try tool.wait(for: "Iteration 7 ", timeout: 60)
            try #require(try cluster.call(["crash", "node2"]).status == 0)
            try tool.wait(for: "hosts that answer: node1; not node2 (ssh: connect to host node2", timeout: 60)
            try tool.wait(for: "1 rank(s) on 1 host(s), from \(run.prefix)_iter_")
            try tool.wait(for: "Restoring previous solver status from \(run.prefix)_iter_", timeout: 90)
            try tool.wait(for: "Snapshotting", timeout: 60)
            tool.signal(SIGINT)
            #expect(tool.status(timeout: 60) == 0, "\(tool.said)")
        }

        /// A host with files of its own gets what it lacks, once.
        @Test
        func syncCopiesWhatHasChanged() throws {
            let cluster = try EmulatedCluster(hosts: 2, slots: 1)
            let folder = try ScratchDirectory("sync")
            let hosts = try folder.write("hosts", "node1 slots=1\nnode2 slots=1  # the other\n")
            let data = try folder.write("data/list.txt", "a line\n")
            try #require(try cluster.call(["exec", "node2", "mount", "-t", "tmpfs", "none", folder.path]).status == 0)
            let sync = Golden.directory.appending(path: "../../deploy/sync").standardizedFileURL.path
            for copied in [1, 0] {
                let command = try cluster.call(
                    ["exec", "node1", sync, hosts, "--data", folder.file("data")], timeout: 60)
                #expect(command.status == 0, "\(command.standardError)")
                #expect(command.standardOutput.contains("node1: this host\n"))
                // The tool itself is where both see it, its folder for the data is not.
                #expect(
                    command.standardOutput.contains("node2: \(copied) file(s) copied; ready\n"),
                    "\(command.standardOutput)")
            }
            #expect(try cluster.call(["exec", "node2", "cat", data]).standardOutput == "a line\n")
        }
    }
}
