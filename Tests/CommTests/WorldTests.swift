import Comm
import Testing

@Suite struct WorldTests {
    @Test(arguments: ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"])
    func launchersLeaveARank(variable: String) {
        #expect(World.isLaunchedByMPI(environment: [variable: "3"]))
        #expect(World.launchRank(environment: [variable: "3"]) == 3)
    }

    @Test func nobodyLaunchedAPlainProcess() throws {
        // An allocation alone, as in `salloc`, starts no ranks.
        let environment = ["HOME": "/root", "SLURM_JOB_ID": "1", "SLURM_NTASKS": "8"]
        #expect(!World.isLaunchedByMPI(environment: environment))
    }
}
