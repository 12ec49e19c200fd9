import Foundation

/// How this process came to run, and with whom.
package enum World {
    /// Joins the ranks that a launcher has started with this one; without a launcher, makes a world of one without MPI.
    ///
    /// Collective, and the first call; only once in a process.
    package static func join() throws -> any Communicator {
        isLaunchedByMPI() ? try MPICommunicator() : SoloCommunicator()
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
}
