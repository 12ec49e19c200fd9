import Comm
import Foundation
import TestSupport
import Testing
import Training

/// Cores, processors, limits, shared memory, launchers and clocks, on machines that aren't there.
struct MachineExaminationTests {
    /// The one complaint that an examination has, and where.
    private static func complaint(_ section: Section) throws -> Finding {
        try #require(section.findings.complaints.first, "\(section.findings)")
    }

    @Test
    func aGoodJobHasNoComplaints() throws {
        let job = try MadeUpJob.make([2, 2]) { _, facts in
            facts.environment["OMPI_MCA_oob_tcp_keepalive_time"] = "5"
            facts.environment["OMPI_MCA_btl_tcp_links"] = "2"
        }
        let sections = [
            CoreExamination.examine(job), ProcessorExamination.examine(job), LimitExamination.examine(job),
            SharedMemoryExamination.examine(job, obstacles: Array(repeating: "", count: 4)),
            LauncherExamination.examine(job),
            ClockExamination.examine(job, offsets: Array(repeating: (ahead: 0.0001, error: 1e-5), count: 4)),
        ]
        for section in sections {
            #expect(section.findings.complaints == [])
            #expect(!section.findings.isEmpty)
        }
        #expect(job.threads == [4, 4, 4, 4])
        #expect(job.hosts.map(\.name) == ["node1", "node2"])
    }

    @Test
    func ranksBoundToACore() throws {
        let job = try MadeUpJob.make { rank, facts in facts.placement.processors = [rank] }
        let finding = try Self.complaint(CoreExamination.examine(job))
        #expect(finding.check == "binding" && finding.verdict == .warning)
        #expect(finding.found == "its 2 rank(s) may use 2 of 8 cores: mpirun has bound them")
        #expect(finding.remedy?.contains("--bind-to none") == true)
    }

    @Test
    func threadsPinnedToOneCore() throws {
        let job = try MadeUpJob.make(wantedThreads: 4) { rank, facts in facts.placement.processors = [rank] }
        let finding = try #require(CoreExamination.examine(job).findings.first { $0.check == "threads" })
        #expect(finding.verdict == .problem && finding.host == "node1")
        #expect(finding.found.hasPrefix("rank 0 would compute with 4 threads on 1 core(s)"))
        #expect(finding.remedy?.contains("--threads 1") == true)
    }

    @Test
    func tooManyRanks() throws {
        let many = try Self.complaint(CoreExamination.examine(MadeUpJob.make([1, 12])))
        #expect(many.host == "node2")
        #expect(many.found == "12 threads of 12 rank(s) share 8 core(s)")
        #expect(many.remedy == "node2 slots=8 in the hostfile")
        let wide = try Self.complaint(CoreExamination.examine(MadeUpJob.make([2], wantedThreads: 6)))
        #expect(wide.remedy == "--threads 4")
    }

    @Test
    func aQuota() throws {
        let texts = MadeUpJob.texts { $0["sys/fs/cgroup/cpu.max"] = "250000 100000" }
        let finding = try Self.complaint(CoreExamination.examine(MadeUpJob.make(texts: texts)))
        #expect(finding.check == "quota")
        #expect(finding.found.contains("2.5 cores' time to 8 threads"))
        #expect(finding.remedy?.hasPrefix("--threads 1,") == true)
    }

    @Test
    func hyperThreads() throws {
        let texts = MadeUpJob.texts { texts in
            for core in 0..<8 {
                texts["sys/devices/system/cpu/cpu\(core)/topology/thread_siblings_list"] = "\(core % 4),\(core % 4 + 4)"
            }
        }
        let finding = try Self.complaint(CoreExamination.examine(MadeUpJob.make(texts: texts)))
        #expect(finding.check == "hyper-threads")
        #expect(finding.found.hasPrefix("8 threads on 4 cores that run two each"))
        #expect(finding.remedy?.hasSuffix("--threads 2") == true)
        #expect(try CoreExamination.examine(MadeUpJob.make(texts: texts, wantedThreads: 2)).findings.complaints == [])
    }

    @Test(arguments: [("OMP_PROC_BIND", "close"), ("GOMP_CPU_AFFINITY", "0-3"), ("OMP_THREAD_LIMIT", "1")])
    func openMPsVariables(name: String, value: String) throws {
        let job = try MadeUpJob.make { _, facts in facts.environment[name] = value }
        let finding = try Self.complaint(CoreExamination.examine(job))
        #expect(finding.verdict == .problem)
        #expect(finding.remedy == "unset \(name)")
    }

    @Test(arguments: [("acpi-cpufreq", true), ("intel_pstate", false), ("amd-pstate-epp", false)])
    func governors(driver: String, isSlow: Bool) throws {
        let texts = MadeUpJob.texts {
            $0["sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"] = "powersave"
            $0["sys/devices/system/cpu/cpu0/cpufreq/scaling_driver"] = driver
        }
        let findings = try CoreExamination.examine(MadeUpJob.make(texts: texts)).findings.complaints
        #expect(findings.map(\.check) == (isSlow ? ["governor"] : []))
    }

    @Test
    func hostsThatDiffer() throws {
        let job = try MadeUpJob.make([1, 1]) { rank, facts in
            guard rank == 1 else { return }
            facts.host?.processor = "Slow 5"
            facts.instructionSet = "avx2"
            facts.versions["twotower"] = "0.9"
            facts.versions["OpenMPI"] = "Open MPI v5"
            facts.versions["oneDNN"] = "3.9"
            facts.environment["ONEDNN_MAX_CPU_ISA"] = "AVX2"
        }
        let findings = ProcessorExamination.examine(job).findings.complaints
        #expect(findings.filter { $0.verdict == .problem }.count == 2)
        for part in [
            "node1 Fast 9000, node2 Slow 5", "node2 avx2", "twotower: node1 1.0, node2 0.9", "Open MPI v5", "3.9",
        ] {
            #expect(findings.contains { $0.found.contains(part) }, "\(part)")
        }
        #expect(findings.contains { $0.remedy == "unset ONEDNN_MAX_CPU_ISA" && $0.host == "node2" })
        #expect(findings.contains { $0.remedy?.contains("deploy/sync") == true })
    }

    @Test
    func limits() throws {
        let texts = MadeUpJob.texts {
            $0["proc/self/limits"] = """
                Max open files            64                   20000                files
                Max locked memory         65536                65536                bytes
                Max address space         1000000000           unlimited            bytes
                """
            $0["sys/class/infiniband/mlx5_0/name"] = "x"
        }
        let findings = try LimitExamination.examine(MadeUpJob.make(texts: texts)).findings
        #expect(findings.map(\.check) == ["open files", "locked memory", "address space"])
        #expect(findings[0].verdict == .problem && findings[0].remedy?.hasPrefix("ulimit -n 4096") == true)
    }

    @Test
    func memoryThatOthersMayNotRead() throws {
        let obstacles = ["", "Operation not permitted"]
        func look(_ edit: @escaping (inout RankFacts) -> Void = { _ in }) throws -> [Finding] {
            let job = try MadeUpJob.make { _, facts in edit(&facts) }
            return SharedMemoryExamination.examine(job, obstacles: obstacles).findings.complaints
        }
        let container = try look()
        #expect(container.count == 1)
        #expect(container[0].found.hasPrefix("rank 1 may not read another's (Operation not permitted)"))
        #expect(container[0].remedy?.contains("SYS_PTRACE") == true)
        #expect(container[0].remedy?.contains("OMPI_MCA_btl_vader_single_copy_mechanism=none") == true)
        #expect(try look { $0.host?.ptraceScope = 1 }[0].remedy?.contains("kernel.yama.ptrace_scope=0") == true)
        let off = try look { $0.environment["OMPI_MCA_btl_vader_single_copy_mechanism"] = "none" }
        #expect(off[0].found.contains("Read -1") == false)
        let small = try look { $0.host?.sharedMemory = HostFacts.Room(total: 9 << 20, free: 9 << 20) }
        #expect(small.contains { $0.check == "/dev/shm" && $0.verdict == .problem })
        // A host of one rank has nobody to share with.
        #expect(
            SharedMemoryExamination.examine(try MadeUpJob.make([1, 1]), obstacles: obstacles).findings.verdict == .ok)
    }

    /// The ranks of this machine's tests may read each other's memory, or the system says why not.
    @Test
    func memoryOfThisProcess() throws {
        let memory = PeerMemory()
        withExtendedLifetime(memory) {
            #expect(PeerMemory.obstacle(process: getpid(), address: memory.address) == nil)
            #expect(PeerMemory.obstacle(process: getpid(), address: 8) != nil)
        }
    }

    @Test
    func launchers() throws {
        func look(_ slots: [Int], _ environment: [String: String], isRoot: Bool = false) throws -> [Finding] {
            let job = try MadeUpJob.make(slots) { _, facts in
                facts.environment = environment
                facts.isRoot = isRoot
            }
            return LauncherExamination.examine(job).findings.complaints
        }
        #expect(try look([1], [:]) == [])
        #expect(try look([1], [:], isRoot: true).map(\.check) == ["root"])
        #expect(try look([1], ["SLURM_NTASKS": "4"]).map(\.verdict) == [.problem])
        #expect(try look([2], ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_MCA_mpi_yield_when_idle": "0"]).count == 1)
        let hosts = try look([1, 1], ["OMPI_COMM_WORLD_SIZE": "2"])
        #expect(hosts.map(\.check) == ["keepalive", "TCP links"])
        #expect(hosts.allSatisfy { $0.remedy?.contains("deploy/launch") == true })
    }

    @Test(arguments: [(0.5, Verdict.ok), (-5, .warning), (100, .problem)])
    func clocks(ahead: Double, verdict: Verdict) throws {
        let job = try MadeUpJob.make([1, 1])
        let section = ClockExamination.examine(job, offsets: [(0, 0), (ahead, 0.001)])
        #expect(section.findings.verdict == verdict)
        if ahead < 0 { #expect(section.findings[0].found.contains("5.0 s behind node1's")) }
    }
}
