import Comm

/// Whether each host has the memory that its ranks will take.
package enum MemoryExamination {
    /// - Parameter demand: of a training, if there is one to look at.
    package static func examine(_ job: JobFacts, demand: MemoryDemand?) -> Section {
        var section = Section("Memory", table: table(job, demand))
        guard let demand else {
            section.findings = [.ok("memory", "give --solver or --model to compare it with what a net needs")]
            return section
        }
        let parts = demand.parts.map { "\($0.name) \(megabytes($0.bytes))" }.joined(separator: ", ")
        section.findings = job.hosts.compactMap { host in
            let (needed, free) = (needed(host, demand), free(host))
            let found =
                "\(megabytes(needed)) are needed by its \(host.ranks.count) rank(s), \(megabytes(free)) are free"
            let cure = "fewer slots there, a smaller batch_size, or --placement split"
            if needed > free { return .problem("memory", on: host.name, found, mend: cure) }
            return needed > free / 10 * 9 ? .warning("memory", on: host.name, found, mend: cure) : nil
        }
        if section.findings.isEmpty { section.findings.append(.ok("memory", "enough on each host")) }
        section.findings.append(.ok("of a rank", parts))
        return section
    }

    private static func table(_ job: JobFacts, _ demand: MemoryDemand?) -> TextTable {
        var table = TextTable(["host", "memory", "free", "needed", "limit of the control group", "/dev/shm free"])
        table.alignRight(1, 2, 3, 4, 5)
        for host in job.hosts {
            table.add([
                host.name, megabytes(host.facts.memory), megabytes(free(host)),
                demand.map { megabytes(needed(host, $0)) } ?? "", host.group.memoryLimit.map(megabytes) ?? "none",
                host.facts.sharedMemory.map { megabytes($0.free) } ?? "none",
            ])
        }
        return table
    }

    private static func free(_ host: JobFacts.Host) -> Int {
        min(host.facts.memoryFree, host.group.memoryFree ?? .max)
    }

    /// Programs run already.
    private static func needed(_ host: JobFacts.Host, _ demand: MemoryDemand) -> Int {
        let hasRankZero = host.ranks[0].placement.rank == 0
        return host.ranks.count * (demand.perRank - demand.program) + (hasRankZero ? demand.snapshot : 0)
    }
}
