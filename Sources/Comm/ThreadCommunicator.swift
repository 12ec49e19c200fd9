import Foundation
import Synchronization

/// Ranks as threads of one process, for tests: no MPI, and sums always in one order.
package final class ThreadCommunicator: Communicator {
    package let rank: Int
    package let size: Int
    package let hosts: [String]
    package var localRank: Int { rank }
    package var localSize: Int { size }
    package let hostLeader = 0
    private let meetingPoint: MeetingPoint

    fileprivate init(rank: Int, at meetingPoint: MeetingPoint) {
        self.rank = rank
        size = meetingPoint.size
        hosts = Array(repeating: Machine.name, count: size)
        self.meetingPoint = meetingPoint
    }

    /// Runs `body` on `size` ranks, each a thread, and returns what each returned, in the order of ranks.
    ///
    /// Throws the error of the lowest rank that threw. Ranks that wait for one that has ended throw `CommError`.
    package static func run<R: Sendable>(
        _ size: Int, _ body: @escaping @Sendable (ThreadCommunicator) throws -> R
    ) throws -> [R] {
        let meetingPoint = MeetingPoint(size: size)
        let outcomes = Outcomes<R>()
        let running = DispatchGroup()
        for rank in 0..<size {
            running.enter()
            let thread = Thread {
                let outcome = Result { try body(ThreadCommunicator(rank: rank, at: meetingPoint)) }
                outcomes.byRank.withLock { $0[rank] = outcome }
                meetingPoint.depart(rank)
                running.leave()
            }
            thread.name = "rank \(rank)"
            thread.stackSize = 8 << 20
            thread.start()
        }
        running.wait()
        let byRank = outcomes.byRank.withLock { $0 }
        return try (0..<size).compactMap { try byRank[$0]?.get() }
    }

    package func broadcast(_ values: inout MutableSpan<Float>) throws {
        let parcels = try meet(
            .broadcastFloats, count: values.count, Parcel(floats: rank == 0 ? Self.copy(&values) : []))
        for index in values.indices { values[index] = parcels[0].floats[index] }
    }

    package func broadcast(_ bytes: inout [UInt8]) throws {
        bytes = try meet(.broadcastBytes, Parcel(bytes: rank == 0 ? bytes : []))[0].bytes
    }

    package func allReduceSum(_ values: inout MutableSpan<Float>, wire: Wire) throws {
        var mine = Self.copy(&values)
        if wire == .bf16 { mine = mine.map(BFloat16.rounded) }
        let parcels = try meet(.sumFloats, count: values.count, Parcel(floats: mine))
        for index in values.indices {
            let sum = Self.sum(parcels, at: index)
            values[index] = wire == .bf16 ? BFloat16.rounded(sum) : sum
        }
    }

    package func allGather(_ values: inout MutableSpan<Float>, counts: [Int]) throws {
        take(try meet(.allGatherFloats, count: values.count, Parcel(floats: Self.copy(&values))), counts, &values)
    }

    package func gather(_ values: inout MutableSpan<Float>, counts: [Int]) throws {
        let parcels = try meet(.gatherFloats, count: values.count, Parcel(floats: Self.copy(&values)))
        if rank == 0 { take(parcels, counts, &values) }
    }

    /// Copies each rank's own part.
    private func take(_ parcels: [Parcel], _ counts: [Int], _ values: inout MutableSpan<Float>) {
        for (part, parcel) in zip(Parts(counts, in: values.count).ranges, parcels) {
            for index in part { values[index] = parcel.floats[index] }
        }
    }

    package func reduceScatterSum(_ values: inout MutableSpan<Float>, counts: [Int]) throws {
        let parcels = try meet(.reduceScatterFloats, count: values.count, Parcel(floats: Self.copy(&values)))
        var rows = parcels.map { $0.floats }
        for (to, from) in BinaryTree.additions(size) {
            for index in values.indices { rows[to][index] += rows[from][index] }
        }
        for index in Parts(counts, in: values.count).ranges[rank] { values[index] = rows[0][index] }
    }

    private static func sum(_ parcels: [Parcel], at index: Int) -> Float {
        parcels.dropFirst().reduce(parcels[0].floats[index]) { $0 + $1.floats[index] }
    }

    package func swap(_ mine: Span<Float>, _ theirs: inout MutableSpan<Float>, with partner: Int) throws {
        let parcels = try meet(.swapFloats, Parcel(floats: mine.indices.map { mine[$0] }))
        precondition(parcels[partner].floats.count == theirs.count, "partners swap unequal lengths")
        for index in theirs.indices { theirs[index] = parcels[partner].floats[index] }
    }

    package func split(group: Int) throws -> any Communicator {
        let groups = try meet(.split, Parcel(ints: [group])).map { $0.ints[0] }
        let members = groups.indices.filter { groups[$0] == group }
        let place = members.firstIndex(of: rank) ?? 0
        // The first of a group brings the place where it meets.
        let brought = place == 0 ? MeetingPoint(size: members.count) : nil
        let places = try meet(.split, Parcel(meetingPoint: brought))
        guard let own = places[members[0]].meetingPoint else { preconditionFailure("a group without a place") }
        return ThreadCommunicator(rank: place, at: own)
    }

    package func allReduceSum(_ values: inout [Double]) throws {
        let parcels = try meet(.sumDoubles, count: values.count, Parcel(doubles: values))
        for index in values.indices {
            values[index] = parcels.dropFirst().reduce(parcels[0].doubles[index]) { $0 + $1.doubles[index] }
        }
    }

    package func allReduceMaximum(_ values: inout [Int]) throws {
        let parcels = try meet(.maximumInts, count: values.count, Parcel(ints: values))
        for index in values.indices {
            values[index] = parcels.dropFirst().reduce(parcels[0].ints[index]) { max($0, $1.ints[index]) }
        }
    }

    package func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
        let parcels = try meet(.gatherBytes, Parcel(bytes: bytes))
        return rank == 0 ? parcels.map(\.bytes) : []
    }

    package func barrier() throws { _ = try meet(.barrier) }

    package func agree(failure: String?, notice: Int) throws -> Int {
        try meet(.agreement, Parcel(ints: [notice], failure: failure)).reduce(notice) { max($0, $1.ints[0]) }
    }

    package func leave() throws { _ = try meet(.farewell) }

    /// Ends the process, as there is no other way to end its threads.
    package func abort(status: Int32) -> Never { exit(status) }

    /// Hands this rank's parcel over and returns those of all ranks, if all are in step and well.
    private func meet(_ collective: Collective, count: Int = 0, _ parcel: Parcel = Parcel()) throws -> [Parcel] {
        var parcel = parcel
        parcel.roll = RollCall(collective, count: count, failing: parcel.failure == nil ? nil : rank)
        guard let parcels = meetingPoint.exchange(parcel, of: rank) else {
            throw CommError(call: collective.name, rank: rank, host: host, reason: "another rank has ended")
        }
        var roll = parcel.roll
        for other in parcels { roll.formMinimum(with: other.roll) }
        if let failing = roll.failingRank {
            throw PeerError(rank: failing, host: hosts[failing], message: parcels[failing].failure ?? "")
        }
        if let reason = roll.disagreement {
            throw CommError(call: collective.name, rank: rank, host: host, reason: reason)
        }
        return parcels
    }

    private static func copy(_ values: inout MutableSpan<Float>) -> [Float] {
        unsafe values.withUnsafeMutableBufferPointer { unsafe Array($0) }
    }
}

/// What the threads have returned or thrown so far.
private final class Outcomes<R: Sendable>: Sendable {
    let byRank = Mutex<[Int: Result<R, any Error>]>([:])
}
