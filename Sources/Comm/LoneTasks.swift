import Foundation

/// Processes that a launcher has started together and that MPI has not brought together: each is a world of its own.
///
/// So it is with `srun` where Slurm speaks another dialect of PMI than this OpenMPI, or none. N trainings would run instead
/// of one, and overwrite each other's files.
package struct LoneTasks: Error, Equatable, CustomStringConvertible {
    package let launcher: String
    package let count: Int
    /// This task's number, if the launcher tells.
    package let number: Int?

    /// nil where all is well: a world of several ranks, or a process that was started alone.
    ///
    /// - Parameter size: of the world that MPI has made.
    package init?(size: Int, environment: [String: String] = ProcessInfo.processInfo.environment) {
        guard size == 1, environment["OMPI_COMM_WORLD_SIZE"] == nil else { return nil }
        func number(_ names: String...) -> Int? { names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first }
        if let count = number("PMI_SIZE", "MV2_COMM_WORLD_SIZE"), count > 1 {
            self.init("a launcher of another MPI", count, number("PMI_RANK", "MV2_COMM_WORLD_RANK"))
            return
        }
        let task = number("SLURM_PROCID")
        // An allocation has a number of tasks as well; only in a step were they started.
        let isStep = number("SLURM_STEP_ID", "SLURM_STEPID") != nil || task ?? 0 > 0
        guard let count = number("SLURM_STEP_NUM_TASKS") ?? (isStep ? number("SLURM_NTASKS", "SLURM_NPROCS") : nil),
            count > 1
        else { return nil }
        self.init("srun", count, task)
    }

    private init(_ launcher: String, _ count: Int, _ number: Int?) {
        self.launcher = launcher
        self.count = count
        self.number = number
    }

    /// Whether this task should say so: the first does, and those that don't know which they are.
    package var speaks: Bool { number ?? 0 == 0 }

    package var description: String {
        "\(launcher) has started \(count) tasks that don't find each other over MPI, so they would be \(count) runs instead "
            + "of one; inside the allocation start them with: mpirun -np \(count) twotower … (or deploy/launch), or with: "
            + "srun --mpi=pmix -n \(count) twotower … (srun --mpi=list shows whether Slurm has pmix)"
    }
}
