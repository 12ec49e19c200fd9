package import Comm
import Foundation
import Nets
import Tensors

/// What a rank tells of itself, and the first of each host of that host.
package struct RankFacts: Codable, Equatable, Sendable {
    /// What this process may have at most of something; the largest number for no limit.
    package struct Limits: Codable, Equatable, Sendable {
        package var openFiles = Int.max
        package var lockedMemory = Int.max
        package var addressSpace = Int.max

        /// Source: proc(5), /proc/pid/limits: the soft limit stands after the name.
        package init(_ files: SystemFiles) {
            for line in files.lines("/proc/self/limits") {
                func limit(_ name: String, _ path: WritableKeyPath<Limits, Int>) {
                    guard line.hasPrefix(name) else { return }
                    let soft = line.dropFirst(name.count).split(separator: " ").first
                    self[keyPath: path] = soft.flatMap { Int($0) } ?? .max
                }
                limit("Max open files", \.openFiles)
                limit("Max locked memory", \.lockedMemory)
                limit("Max address space", \.addressSpace)
            }
        }
    }

    package var placement: Placement
    package var isRoot: Bool
    /// The variables that bear upon OpenMP, BLAS, oneDNN and OpenMPI.
    package var environment: [String: String]
    package var limits: Limits
    package var group: ControlGroup
    /// What computes: "avx512_core_bf16", "SkylakeX".
    package var instructionSet: String
    package var core: String
    /// The versions of the program and of the libraries, by name.
    package var versions: [String: String]
    /// The memory of the process before a net, in bytes.
    package var residentBytes: Int
    /// Of the first rank of each host.
    package var host: HostFacts?

    package static let program = "twotower"
    package static let mpi = "OpenMPI"

    /// - Parameter version: of the program.
    package init(_ placement: Placement, version: String, files: SystemFiles = SystemFiles()) {
        self.placement = placement
        isRoot = geteuid() == 0
        environment = ProcessInfo.processInfo.environment.filter { name, _ in
            [
                "OMP_", "GOMP_", "OPENBLAS_", "ONEDNN_", "DNNL_", "OMPI_MCA_", "OMPI_ALLOW_", "OMPI_COMM_WORLD_",
                "SLURM_",
            ]
            .contains { name.hasPrefix($0) }
        }
        limits = Limits(files)
        group = ControlGroup(files)
        instructionSet = Precision.instructionSet
        core = BLAS.core
        let mpi = World.library.split(separator: ",").first.map(String.init) ?? ""
        versions = [
            Self.program: version, "oneDNN": DNNL.version, Self.mpi: mpi,
            "OpenBLAS": BLAS.version.split(separator: " ").prefix(2).last.map(String.init) ?? "",
        ]
        residentBytes = Machine.peakResidentBytes
        host = placement.localRank == 0 ? HostFacts(files) : nil
    }
}

/// The facts of all ranks, on rank zero, and how many threads each would take.
package struct JobFacts: Sendable {
    /// The ranks of one host.
    package struct Host: Sendable {
        package let name: String
        package let facts: HostFacts
        package let ranks: [RankFacts]
        /// Of its ranks, in their order.
        package let threads: [Int]

        /// The processors that its ranks may use.
        package var processors: Set<Int> { Set(ranks.flatMap(\.placement.processors)) }
        package var group: ControlGroup { ranks[0].group }
    }

    package let ranks: [RankFacts]
    package let threads: [Int]
    /// In the order of their first ranks.
    package let hosts: [Host]

    /// - Parameter wantedThreads: of each rank (`--threads`); nil for its share of the host's processors.
    package init(_ ranks: [RankFacts], wantedThreads: Int? = nil) {
        let shares = RankMap(placements: ranks.map(\.placement)).threads
        let threads = shares.map { wantedThreads ?? $0 }
        self.ranks = ranks
        self.threads = threads
        hosts = ranks.compactMap { leader in
            leader.host.map { facts in
                let own = ranks.indices.filter { ranks[$0].placement.hostLeader == leader.placement.rank }
                return Host(
                    name: leader.placement.host, facts: facts, ranks: own.map { ranks[$0] },
                    threads: own.map { threads[$0] })
            }
        }
    }

    /// nil on all ranks but rank zero; collective.
    package static func gather(
        version: String, wantedThreads: Int?, over communicator: any Communicator
    ) throws -> JobFacts? {
        let mine = RankFacts(Placement(of: communicator), version: version)
        let all = try communicator.gather([UInt8](JSONEncoder().encode(mine)))
        guard communicator.isRankZero else { return nil }
        return JobFacts(
            try all.map { try JSONDecoder().decode(RankFacts.self, from: Data($0)) }, wantedThreads: wantedThreads)
    }
}
