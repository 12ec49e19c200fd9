import Comm
import TestSupport
import Training

/// A machine that isn't there: its /proc and /sys.
struct MadeUpMachine {
    let folder: ScratchDirectory
    var files: SystemFiles { SystemFiles(root: folder.path) }

    init(_ texts: [String: String] = [:]) throws {
        folder = try ScratchDirectory("machine")
        for (path, text) in texts { try folder.write(path, text + "\n") }
    }
}

/// Ranks on hosts that aren't there.
enum MadeUpJob {
    /// A host of eight cores with nothing wrong.
    static func texts(_ edit: (inout [String: String]) -> Void = { _ in }) -> [String: String] {
        var texts = [
            "proc/cpuinfo": "processor\t: 0\nmodel name\t: Fast 9000", "sys/devices/system/cpu/online": "0-7",
            "proc/meminfo": "MemTotal:       16000000 kB\nMemFree: 1 kB\nMemAvailable:    8000000 kB",
            "proc/self/limits": "Max open files            20000                20000                files",
        ]
        for core in 0..<8 { texts["sys/devices/system/cpu/cpu\(core)/topology/thread_siblings_list"] = "\(core)" }
        edit(&texts)
        return texts
    }

    /// - Parameters:
    ///   - slots: the ranks of each host, each rank's share of eight cores to itself.
    ///   - texts: of each host.
    ///   - edit: changes a rank; its number and what it tells.
    static func make(
        _ slots: [Int] = [2], texts: [String: String] = texts(), wantedThreads: Int? = nil,
        _ edit: (Int, inout RankFacts) -> Void = { _, _ in }
    ) throws -> JobFacts {
        let machine = try MadeUpMachine(texts)
        var ranks: [RankFacts] = []
        for (host, count) in slots.enumerated() {
            let leader = ranks.count
            for local in 0..<count {
                let placement = Placement(
                    rank: leader + local, host: "node\(host + 1)", hostLeader: leader, processID: 7, localRank: local,
                    processors: Array(0..<8))
                var facts = RankFacts(placement, version: "1.0", files: machine.files)
                facts.environment = ["OMPI_COMM_WORLD_SIZE": "\(slots.reduce(0, +))"]
                facts.isRoot = false
                facts.instructionSet = "avx9"
                facts.host?.sharedMemory = HostFacts.Room(total: 1 << 30, free: 1 << 30)
                edit(leader + local, &facts)
                ranks.append(facts)
            }
        }
        return JobFacts(ranks, wantedThreads: wantedThreads)
    }
}

extension [Finding] {
    /// Those that are not ok.
    var complaints: [Finding] { filter { $0.verdict != .ok } }
}
