import Comm
import Testing

@Suite struct LoneTasksTests {
    private static let step = ["SLURM_STEP_ID": "0", "SLURM_NTASKS": "4", "SLURM_PROCID": "2"]

    @Test(arguments: [
        (step, 4), (["SLURM_STEP_NUM_TASKS": "3"], 3), (["SLURM_NPROCS": "2", "SLURM_PROCID": "1"], 2),
        (["PMI_SIZE": "5", "PMI_RANK": "1"], 5),
    ])
    func tasksThatDoNotFindEachOther(environment: [String: String], count: Int) throws {
        let lone = try #require(LoneTasks(size: 1, environment: environment))
        #expect(lone.count == count)
        #expect("\(lone)".contains("started \(count) tasks that don't find each other"))
        #expect("\(lone)".contains("mpirun -np \(count)"))
        #expect("\(lone)".contains("srun --mpi=pmix -n \(count)"))
    }

    /// An allocation alone, a step of one task, a world of several, and mpirun's one rank in a step of its own daemons.
    @Test(arguments: [
        (1, ["SLURM_NTASKS": "8", "SLURM_PROCID": "0"]), (1, ["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "1"]),
        (4, step),
        (1, step.merging(["OMPI_COMM_WORLD_SIZE": "1"]) { $1 }), (1, [:]), (1, ["PMI_SIZE": "1", "PMI_RANK": "0"]),
    ])
    func allIsWell(size: Int, environment: [String: String]) {
        #expect(LoneTasks(size: size, environment: environment) == nil)
    }

    @Test func theFirstSpeaks() throws {
        #expect(LoneTasks(size: 1, environment: Self.step)?.speaks == false)
        #expect(LoneTasks(size: 1, environment: ["PMI_SIZE": "5", "PMI_RANK": "0"])?.speaks == true)
        #expect(LoneTasks(size: 1, environment: ["SLURM_STEP_NUM_TASKS": "3"])?.speaks == true)
    }
}
