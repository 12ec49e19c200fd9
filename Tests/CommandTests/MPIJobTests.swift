import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// The manifest for Kubernetes says nothing that the MPI operator does not know.
    @Suite(.enabled(if: Manifest.obstacle == nil, "\(Manifest.obstacle ?? "")"))
    struct MPIJobTests {
        @Test
        func theManifestHoldsToTheSchema() throws {
            let check = try Command.run(Manifest.checker, [Manifest.path])
            #expect(check.status == 0, "\(check.standardOutput)\(check.standardError)")
        }

        /// The check finds what a user may get wrong.
        @Test(arguments: [
            ("slotsPerWorker: 2", "slotsPerWorker: two", "is not of type 'integer'"),
            ("slotsPerWorker: 2", "slotPerWorker: 2", "'slotPerWorker' was unexpected"),
            ("WaitForWorkersReady", "WhenReady", "launcherCreationPolicy: 'WhenReady' is not one of"),
            ("cleanPodPolicy: Running", "cleanPodPolicy: Always", "'Always' is not one of"),
            ("replicas: 1\n", "replicas: 3\n", "Launcher.replicas"),
            ("medium: Memory", "medium: memory", "'memory' is not one of"),
            ("claimName: twotower-data", "claim: twotower-data", "'claim' was unexpected"),
            ("memory: 16Gi", "memory: 16 GB", "'16 GB' is not valid"),
            ("name: data, mountPath", "name: images, mountPath", "no volume is called images"),
            ("terminationGracePeriodSeconds: 330", "terminationGracePeriodSeconds: 30", "workers go before"),
            ("- \"4\" # CHANGE", "- \"8\" # CHANGE", "2 ranks of 8 threads on 8 cores"),
        ])
        func whatIsWrongIsFound(text: String, wrong: String, said: String) throws {
            let folder = try ScratchDirectory("mpijob")
            let good = try String(contentsOfFile: Manifest.path, encoding: .utf8)
            try #require(good.contains(text))
            let bad = try folder.write("mpijob.yaml", good.replacing(text, with: wrong))
            let check = try Command.run(Manifest.checker, [bad])
            #expect(check.status == 1)
            #expect(check.standardOutput.contains(said), "\(check.standardOutput)")
        }
    }
}

/// The manifest, and what checks it.
private enum Manifest {
    static let checker = Golden.path("mpijob/check")
    static let path = Golden.path("../../deploy/mpijob.yaml")

    /// Why it can't be checked here, if it can't.
    static let obstacle: String? = {
        guard let check = try? Command.run(checker, [path]), check.status == 77 else { return nil }
        return check.standardError
    }()
}
