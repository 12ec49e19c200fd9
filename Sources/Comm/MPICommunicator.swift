import CMPI
import Foundation

/// The ranks that mpirun or srun has started, over MPI: all of them, or a group that `split` has made.
///
/// The only class that talks to MPI; one world a process.
@safe package final class MPICommunicator: Communicator {
    package let rank: Int
    package let size: Int
    package let hosts: [String]
    package let localRank: Int
    package let localSize: Int
    package let hostLeader: Int

    /// The most elements that one MPI call gets: its counts are 32 bits wide, so longer buffers go in chunks.
    let longestCall: Int
    let comm: MPI_Comm
    /// Hosts with more than one rank each: nil where there is but one host, or one rank on each.
    let hierarchy: MPIHierarchy?

    /// Initialises MPI and meets the other ranks.
    ///
    /// Collective, and the first call; only once in a process.
    ///
    /// - Parameter longestCall: elements in one MPI call, at most `Int32.max`; smaller only in checks.
    package convenience init(longestCall: Int = 1 << 28) throws {
        precondition(longestCall > 0 && longestCall <= Int(Int32.max), "MPI counts are 32 bits wide")
        let check = MPIStatus.checker(rank: World.launchRank() ?? 0, host: Machine.name)
        // A thread that waits in MPI leaves its core to the one that computes there: between two hosts at 1 Gbit/s a step
        // of the seed net took 1.83 s without, 1.72 s with it. The user's own setting wins.
        unsafe setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0)
        // SERIALIZED costs nothing over FUNNELED in OpenMPI (only MULTIPLE takes locks), and lets one communication
        // thread call MPI while the main thread computes.
        var granted: Int32 = 0
        try check("MPI_Init_thread", unsafe MPI_Init_thread(nil, nil, cmpi_thread_serialized(), &granted))
        guard granted >= cmpi_thread_serialized() else {
            throw CommError(
                call: "MPI_Init_thread", rank: World.launchRank() ?? 0, host: Machine.name,
                reason: "this MPI grants thread level \(granted), needed is MPI_THREAD_SERIALIZED")
        }
        try unsafe self.init(cmpi_comm_world(), longestCall: longestCall, check)
    }

    /// Finds out who is there and who shares a host.
    @unsafe init(_ comm: MPI_Comm, longestCall: Int, _ check: MPIStatus.Checker) throws {
        unsafe self.comm = unsafe comm
        self.longestCall = longestCall
        // Otherwise MPI ends the job itself at the first error, with little text.
        try check("MPI_Comm_set_errhandler", unsafe MPI_Comm_set_errhandler(comm, cmpi_errors_return()))
        (rank, size) = try unsafe MPIStatus.place(in: comm, check)
        hosts = try unsafe Self.allGatherNames(Machine.name, ranks: size, comm, check)
        let local = try unsafe MPIHierarchy.Host(of: comm, rank: rank, check)
        (localRank, localSize, hostLeader) = (local.rank, local.size, local.leader)
        hierarchy = try unsafe MPIHierarchy(local, of: comm, rank: rank, size: size, check)
    }

    package func split(group: Int) throws -> any Communicator {
        try meet(.split)
        var part: MPI_Comm?
        try check("MPI_Comm_split", unsafe MPI_Comm_split(comm, Int32(group), Int32(rank), &part))
        guard let part = unsafe part else { preconditionFailure("MPI_Comm_split gave no communicator") }
        return try unsafe MPICommunicator(
            part, longestCall: longestCall, MPIStatus.checker(rank: rank, host: host))
    }

    package func barrier() throws {
        try meet(.barrier)
    }

    package func agree(failure: String?, notice: Int) throws -> Int {
        try meet(.agreement, failure: failure, notice: notice).notice
    }

    package func leave() throws {
        try meet(.farewell)
        try check("MPI_Finalize", MPI_Finalize())
    }

    package func abort(status: Int32) -> Never {
        unsafe MPI_Abort(cmpi_comm_world(), status)
        exit(status)
    }

    /// The roll call before each collective; none returns before all have come.
    @discardableResult
    func meet(_ collective: Collective, count: Int = 0, failure: String? = nil, notice: Int = 0) throws -> RollCall {
        var roll = RollCall(collective, count: count, failing: failure == nil ? nil : rank, notice: notice)
        try check(
            "MPI_Allreduce",
            unsafe MPI_Allreduce(
                cmpi_in_place(), &roll.words, Int32(roll.words.scalarCount), cmpi_int64(), cmpi_min(), comm))
        if let failing = roll.failingRank {
            var message = Array((failure ?? "").utf8)
            try spread(&message, from: failing)
            throw PeerError(rank: failing, host: hosts[failing], message: String(decoding: message, as: UTF8.self))
        }
        if let reason = roll.disagreement {
            throw CommError(call: collective.name, rank: rank, host: host, reason: reason)
        }
        return roll
    }

    func check(_ call: String, _ status: Int32) throws {
        try MPIStatus.check(call, status, rank: rank, host: host)
    }

    @unsafe private static func allGatherNames(
        _ name: String, ranks: Int, _ comm: MPI_Comm, _ check: MPIStatus.Checker
    ) throws -> [String] {
        let width = 256
        let mine = Array(name.utf8.prefix(width)) + Array(repeating: 0, count: width - min(width, name.utf8.count))
        var all = [UInt8](repeating: 0, count: width * ranks)
        try check(
            "MPI_Allgather",
            unsafe MPI_Allgather(
                mine, Int32(width), cmpi_byte(), &all, Int32(width), cmpi_byte(), comm))
        return (0..<ranks).map { rank in
            String(decoding: all[(rank * width)..<((rank + 1) * width)].prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

/// What can be asked of MPI before there is a communicator.
enum MPIStatus {
    /// Throws what a call's status says, if it is not success.
    typealias Checker = (_ call: String, _ status: Int32) throws -> Void

    static func checker(rank: Int, host: String) -> Checker {
        { call, status in try check(call, status, rank: rank, host: host) }
    }

    /// Throws MPI's text for a status that is not success.
    static func check(_ call: String, _ status: Int32, rank: Int, host: String) throws {
        guard status != MPI_SUCCESS else { return }
        var text = [CChar](repeating: 0, count: Int(cmpi_max_error_string()) + 1)
        var length: Int32 = 0
        unsafe MPI_Error_string(status, &text, &length)
        let reason = String(decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        throw CommError(call: call, rank: rank, host: host, reason: reason)
    }

    /// This process's rank and the number of ranks in `communicator`.
    @unsafe static func place(
        in communicator: MPI_Comm?, _ check: Checker
    ) throws -> (rank: Int, size: Int) {
        var (rank, size): (Int32, Int32) = (0, 0)
        try check("MPI_Comm_rank", unsafe MPI_Comm_rank(communicator, &rank))
        try check("MPI_Comm_size", unsafe MPI_Comm_size(communicator, &size))
        return (Int(rank), Int(size))
    }
}
