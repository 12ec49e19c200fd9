import Comm
import Foundation

/// Whether the ranks of a host can hand each other memory the quick way.
package enum SharedMemoryExamination {
    /// What OpenMPI lays out for each rank in /dev/shm (btl_vader_segment_size, and the mailboxes beside it).
    private static let segment = 5 << 20

    /// Each rank reads a word of the next rank of its host; rank zero gets the system's reason where one can't.
    ///
    /// Collective. "" where it works, or where there is nobody else.
    static func measure(over communicator: any Communicator) throws -> [String] {
        let memory = PeerMemory()
        let mine = "\(communicator.hostLeader) \(getpid()) \(memory.address)"
        let all = try communicator.allGather(mine).map { $0.split(separator: " ").compactMap { UInt64($0) } }
        let local = all.indices.filter { all[$0][0] == all[communicator.rank][0] }
        let next = local[(communicator.localRank + 1) % local.count]
        let obstacle =
            next == communicator.rank
            ? nil : PeerMemory.obstacle(process: Int32(all[next][1]), address: all[next][2])
        try communicator.barrier()
        return try withExtendedLifetime(memory) { try communicator.gather(obstacle ?? "") }
    }

    package static func examine(_ job: JobFacts, obstacles: [String]) -> Section {
        var section = Section("Shared memory")
        for host in job.hosts where host.ranks.count > 1 {
            section.findings += [copies(host, obstacles), room(host)].compactMap(\.self)
        }
        if section.findings.isEmpty {
            let isShared = job.hosts.contains { $0.ranks.count > 1 }
            section.findings = [
                .ok(
                    "memory of ranks",
                    isShared ? "ranks of a host copy from each other's memory directly" : "no two ranks share a host")
            ]
        }
        return section
    }

    private static func copies(_ host: JobFacts.Host, _ obstacles: [String]) -> Finding? {
        let name = "OMPI_MCA_btl_vader_single_copy_mechanism"
        let isOff = host.ranks[0].environment[name] == "none"
        guard let rank = host.ranks.first(where: { !obstacles[$0.placement.rank].isEmpty }) else {
            guard isOff else { return nil }
            return .warning(
                "memory of ranks", on: host.name, "\(name)=none copies twice, without need", mend: "unset \(name)")
        }
        let reason = obstacles[rank.placement.rank]
        // 0.30 s for 0.20 s: two ranks, 430 MB, OpenMPI 4.1.4.
        let cost = "an all-reduce in one host takes about half as long again"
        let cure =
            (host.facts.ptraceScope ?? 0) > 0
            ? "sudo sysctl kernel.yama.ptrace_scope=0"
            : "docker run --cap-add SYS_PTRACE …, or securityContext.capabilities.add: [SYS_PTRACE]"
        if isOff {
            return .warning("memory of ranks", on: host.name, "no rank may read another's: \(cost)", mend: cure)
        }
        return .warning(
            "memory of ranks", on: host.name,
            "rank \(rank.placement.rank) may not read another's (\(reason)): \(cost), and OpenMPI prints \"Read -1\" again "
                + "and again",
            mend: "\(cure); else export \(name)=none")
    }

    private static func room(_ host: JobFacts.Host) -> Finding? {
        guard let room = host.facts.sharedMemory else {
            return .warning(
                "/dev/shm", on: host.name, "it is not there: OpenMPI puts what ranks share on a disk",
                mend: "mount -t tmpfs tmpfs /dev/shm")
        }
        let wanted = segment * host.ranks.count
        guard room.free < wanted else { return nil }
        return .problem(
            "/dev/shm", on: host.name,
            "\(megabytes(room.free)) of it are free, and \(host.ranks.count) ranks want \(megabytes(wanted))",
            mend: "docker run --shm-size=1g …, or an emptyDir with medium: Memory at /dev/shm")
    }
}
