/// Whether the job was started as a training should be.
package enum LauncherExamination {
    package static func examine(_ job: JobFacts) -> Section {
        let findings = [root(job), slurm(job), yielding(job)].compactMap(\.self) + network(job)
        return Section("The start", findings: findings.isEmpty ? [.ok("launcher", launcher(job))] : findings)
    }

    private static func launcher(_ job: JobFacts) -> String {
        job.ranks[0].environment["OMPI_COMM_WORLD_SIZE"] == nil
            ? "alone, without mpirun" : "\(job.ranks.count) rank(s) found each other"
    }

    private static func root(_ job: JobFacts) -> Finding? {
        let variables = job.ranks[0].environment
        guard job.ranks[0].isRoot, variables["OMPI_COMM_WORLD_SIZE"] == nil,
            variables["OMPI_ALLOW_RUN_AS_ROOT"] == nil || variables["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] == nil
        else { return nil }
        return .warning(
            "root", "mpirun refuses to run as root unless it is told twice",
            mend: "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1, or deploy/launch, which says so")
    }

    /// A single process in an allocation for several.
    private static func slurm(_ job: JobFacts) -> Finding? {
        let variables = job.ranks[0].environment
        guard job.ranks.count == 1, variables["OMPI_COMM_WORLD_SIZE"] == nil,
            let tasks = ["SLURM_NTASKS", "SLURM_NPROCS"].lazy.compactMap({ variables[$0].flatMap { Int($0) } }).first,
            tasks > 1
        else { return nil }
        return .problem(
            "Slurm", "the allocation is for \(tasks) tasks, and this is one process",
            mend: "mpirun twotower … inside the allocation, or srun --mpi=pmix twotower …")
    }

    private static func yielding(_ job: JobFacts) -> Finding? {
        guard job.ranks.count > 1, job.ranks[0].environment["OMPI_MCA_mpi_yield_when_idle"] == "0" else { return nil }
        return .warning(
            "yield_when_idle", "it is 0: a rank that waits keeps its core from the one that computes there",
            mend: "unset OMPI_MCA_mpi_yield_when_idle: twotower sets it to 1")
    }

    /// What deploy/launch sets for several hosts.
    private static func network(_ job: JobFacts) -> [Finding] {
        guard job.hosts.count > 1 else { return [] }
        let variables = job.ranks[0].environment
        var findings: [Finding] = []
        if variables["OMPI_MCA_oob_tcp_keepalive_time"] == nil {
            findings.append(
                .warning(
                    "keepalive", "a host that loses power would be noticed after eight minutes",
                    mend: "deploy/launch --hostfile HOSTFILE -- …, or mpirun --mca oob_tcp_keepalive_time 5 "
                        + "--mca oob_tcp_keepalive_intvl 1 --mca oob_tcp_keepalive_probes 3 …"))
        }
        if variables["OMPI_MCA_btl_tcp_links"] == nil {
            findings.append(
                .warning(
                    "TCP links", "one connection between two hosts: what goes to and fro takes turns in it",
                    mend: "deploy/launch --hostfile HOSTFILE -- …, or mpirun --mca btl_tcp_links 2 …"))
        }
        return findings
    }
}
