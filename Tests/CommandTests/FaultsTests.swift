import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// `deploy/faults` in short; `deploy/test --cluster` is the long one.
    @Suite(
        .enabled(if: EmulatedCluster.obstacle == nil, "\(EmulatedCluster.obstacle ?? "")"),
        .enabled(if: TestDisk.isPossible, "this machine mounts no disk in memory"),
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"), "Python is not here"))
    struct FaultsTests {
        /// One of each of six kinds, and then the weights of an undisturbed run.
        @Test
        func trainingGoesOnFromEachFault() throws {
            let folder = try ScratchDirectory("faults")
            let faults = Golden.directory.appending(path: "../../deploy/faults").standardizedFileURL.path
            let kinds = "rank killed,cable dead,host crashed,disk full,bit flipped,evicted"
            let command = try Command.run(
                faults, ["--faults", "6", "--kinds", kinds, "--out", folder.path], timeout: 600,
                environment: ["TWOTOWER": Tool.path])
            #expect(command.status == 0, "\(command.standardOutput)\(command.standardError)")
            #expect(command.standardOutput.contains("6 faults, no hang, no snapshot lost"))
            #expect(command.standardOutput.contains("are bit for bit those of an undisturbed run"))
        }
    }
}
