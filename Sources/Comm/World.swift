import CMPI
import Foundation

/// How this process came to run, and with whom.
package enum World {
    /// Joins the ranks that a launcher has started with this one; without a launcher, makes a world of one without MPI.
    ///
    /// Collective, and the first call; only once in a process. Throws `LoneTasks` where a launcher has started several that
    /// don't find each other.
    package static func join() throws -> any Communicator {
        let communicator: any Communicator = isLaunchedByMPI() ? try MPICommunicator() : SoloCommunicator()
        if let lone = LoneTasks(size: communicator.size) {
            try communicator.leave()
            throw lone
        }
        return communicator
    }

    /// Whether a launcher started this process as a rank of an MPI job, judging by what it leaves in the environment.
    package static func isLaunchedByMPI(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Bool {
        launchRank(environment: environment) != nil
    }

    /// The rank that the launcher has given this process, known before MPI starts; nil without a launcher.
    package static func launchRank(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Int? {
        // OpenMPI's mpirun; any launcher that speaks PMIx (srun --mpi=pmix); any that speaks PMI-1 or PMI-2.
        ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"].lazy.compactMap { environment[$0].flatMap { Int($0) } }.first
    }

    /// The MPI that runs: "Open MPI v4.1.4, package: …".
    package static var library: String {
        var text = [CChar](repeating: 0, count: Int(cmpi_max_library_version_string()) + 1)
        var length: Int32 = 0
        unsafe MPI_Get_library_version(&text, &length)
        return String(decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
