import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// `twotower doctor` on this machine, whatever it is like: what holds for every one.
    struct DoctorCommandTests {
        /// What a report's JSON says.
        private struct Report: Decodable {
            struct Finding: Decodable {
                let check: String
                let verdict: String
                let found: String
                let remedy: String?
            }
            struct Rank: Decodable { let instructionSet: String }
            struct Network: Decodable {
                struct AllReduce: Decodable { let bytes: Int }
                let allReduces: [AllReduce]
            }
            let verdict: String
            let findings: [Finding]
            let ranks: [Rank]
            let network: Network?

            init(_ path: String) throws {
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .convertFromSnakeCase
                self = try decoder.decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
            }
        }

        private static let sections = [
            "Hosts and cores", "Processors and programs", "The start", "Limits of a process", "Shared memory", "Clocks",
            "Memory",
        ]

        @Test(arguments: [nil, 2])
        func aTraining(ranks: Int?) throws {
            let run = try GoldenRun("net_contrastive")
            let json = run.folder.file("doctor.json")
            let command = try Tool.run(
                ["doctor", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--json", json], ranks: ranks)
            let report = try Report(json)
            let problems = report.findings.filter { $0.verdict == "problem" }
            #expect(command.status == (problems.isEmpty ? 0 : 1))
            #expect(report.verdict == report.findings.map(\.verdict).max { Self.weight($0) < Self.weight($1) })
            #expect(report.ranks.count == ranks ?? 1)
            #expect(report.findings.allSatisfy { ($0.remedy == nil) == ($0.verdict == "ok") })
            #expect(report.findings.contains { $0.check == "TRAIN" && $0.verdict == "ok" })
            #expect(
                report.findings.contains {
                    $0.check == "room" && $0.found.hasPrefix("the solver asks for none; one takes ")
                })
            #expect((report.network?.allReduces.isEmpty ?? true) == (ranks == nil))
            for section in Self.sections + ["Lists and images", "Snapshots"] {
                #expect(command.standardOutput.contains("== \(section)\n"))
            }
            #expect(try run.folder.names.contains { $0.hasPrefix("snap") } == false)
        }

        private static func weight(_ verdict: String) -> Int {
            ["ok", "warning", "problem"].firstIndex(of: verdict) ?? 9
        }

        @Test
        func quickLeavesTheNetworkOut() throws {
            let command = try Tool.run(["doctor", "--quick"], ranks: 2)
            #expect(command.standardOutput.contains("== Clocks"))
            #expect(!command.standardOutput.contains("== Network"))
            #expect(!command.standardOutput.contains("== Lists"))
        }

        /// What is wrong with the files are findings, each with what mends it, and all the rest is looked at, too.
        @Test(arguments: [nil, 2])
        func aMissingImage(ranks: Int?) throws {
            let run = try GoldenRun("net_contrastive")
            try FileManager.default.removeItem(atPath: run.folder.file("net_contrastive/train1.txt"))
            let lines = try Golden.text("train1.txt").split(separator: "\n")
            let wrong = ["images/not_there.jpg \(lines[0].suffix(1))"] + lines.dropFirst()
            try run.folder.write("net_contrastive/train1.txt", wrong.joined(separator: "\n"))
            let command = try Tool.run(["doctor", "--quick", "--model", run.net("net_contrastive")], ranks: ranks)
            #expect(command.status == 1)
            #expect(command.errors == [])
            #expect(command.standardOutput.contains("train1.txt:1: no such file: images/not_there.jpg"))
            #expect(command.standardOutput.contains("mend: copy it there"))
            #expect(command.standardOutput.contains(/[1-9] problem\(s\), \d+ warning\(s\), \d+ ok/))
        }

        @Test
        func aSolverThatIsNotThere() throws {
            let command = try Tool.run(["doctor", "--quick", "--solver", "nowhere.prototxt"])
            #expect(command.status == 1)
            #expect(command.standardOutput.contains("nowhere.prototxt"))
            #expect(command.standardOutput.contains("== Memory"))
        }

        /// One core for four threads.
        @Test
        func threadsPinnedToACore() throws {
            let command = try Command.run(
                "taskset", ["-c", "0", Tool.path, "doctor", "--quick", "--threads", "4"])
            #expect(command.status == 1)
            #expect(command.standardOutput.contains("rank 0 would compute with 4 threads on 1 core(s)"))
        }

        /// Tasks of srun that are worlds of one: none trains, and the first says why.
        @Test(arguments: ["train", "doctor"])
        func loneTasksAreRefused(command: String) throws {
            let run = try GoldenRun("net_contrastive")
            let step = ["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "3"]
            for task in 0..<3 {
                let result = try Tool.run(
                    [command, "--solver", run.solver, "--snapshot-prefix", run.prefix],
                    environment: step.merging(["SLURM_PROCID": "\(task)"]) { $1 })
                #expect(result.status == 1)
                #expect(result.errors.count == (task == 0 ? 1 : 0))
                if task == 0 {
                    #expect(result.errors[0].contains("srun has started 3 tasks that don't find each other"))
                }
            }
            #expect(try run.folder.names.contains { $0.hasPrefix("snap") } == false)
        }
    }

    /// The doctor on several hosts.
    @Suite(.enabled(if: EmulatedCluster.obstacle == nil, "\(EmulatedCluster.obstacle ?? "")"))
    struct DoctorClusterTests {
        @Test
        func theNetworkIsMeasured() throws {
            let cluster = try EmulatedCluster(hosts: 2, slots: 1, rate: "500mbit")
            let command = try cluster.run(["doctor"], ranks: 2)
            #expect(command.standardOutput.contains("== All-reduce over all ranks"))
            let row = try #require(command.standardOutput.firstMatch(of: /\nnode1 +eth0 +[\d.]+ .s (\d+) Mbit\/s/))
            let rate = try #require(Double(row.1))
            // Under the shape; how near, other work on this machine decides.
            #expect(rate > 50 && rate < 550)
            #expect(!command.standardOutput.contains("keepalive"))
        }

        /// Each host's working directory is another here, so that relative paths lead to other files.
        @Test
        func aHostWithAnotherList() throws {
            let cluster = try EmulatedCluster(hosts: 2, slots: 1)
            let runs = try (0..<2).map { _ in try GoldenRun("net_contrastive") }
            let list = "net_contrastive/train2.txt"
            try FileManager.default.removeItem(atPath: runs[1].folder.file(list))
            var lines = try Golden.text("train2.txt").split(separator: "\n")
            lines[2] = "images/gone.jpg \(lines[2].suffix(1))"
            try runs[1].folder.write(list, lines.joined(separator: "\n"))
            let doctor = [Tool.path, "doctor", "--quick", "--solver", "solver.prototxt"]
            let hosts = runs.enumerated().map { number, run in
                ["-np", "1", "--host", "node\(number + 1)", "--wdir", run.folder.path] + doctor
            }
            let command = try withExtendedLifetime(runs) {
                try cluster.call(["exec", "node1", "mpirun"] + hosts[0] + [":"] + hosts[1], timeout: 60)
            }
            #expect(command.status == 1, "\(command.standardError)")
            let output = command.standardOutput
            #expect(output.contains("node2: its train1.txt and train2.txt differ from node1's at line 3"))
            #expect(output.contains("node2: images are missing: train2.txt:3: no such file: images/gone.jpg"))
            #expect(!output.contains("node1: images"))
            #expect(output.contains("node2 do(es) not see"))
        }
    }
}
