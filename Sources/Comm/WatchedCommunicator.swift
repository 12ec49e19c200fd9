/// A communicator that notes in `Waiting` what its rank comes to and leaves; else the same.
package final class WatchedCommunicator: Communicator {
    private let base: any Communicator

    package init(_ base: any Communicator) { self.base = base }

    package var rank: Int { base.rank }
    package var size: Int { base.size }
    package var hosts: [String] { base.hosts }
    package var localRank: Int { base.localRank }
    package var localSize: Int { base.localSize }
    package var hostLeader: Int { base.hostLeader }

    package func broadcast(_ values: inout MutableSpan<Float>) throws {
        Waiting.begin(.broadcastFloats)
        defer { Waiting.end() }
        try base.broadcast(&values)
    }

    package func broadcast(_ bytes: inout [UInt8]) throws {
        Waiting.begin(.broadcastBytes)
        defer { Waiting.end() }
        try base.broadcast(&bytes)
    }

    package func allReduceSum(_ values: inout MutableSpan<Float>, wire: Wire) throws {
        Waiting.begin(.sumFloats)
        defer { Waiting.end() }
        try base.allReduceSum(&values, wire: wire)
    }

    package func allReduceSum(_ values: inout [Double]) throws {
        Waiting.begin(.sumDoubles)
        defer { Waiting.end() }
        try base.allReduceSum(&values)
    }

    package func allReduceMaximum(_ values: inout [Int]) throws {
        Waiting.begin(.maximumInts)
        defer { Waiting.end() }
        try base.allReduceMaximum(&values)
    }

    package func allGather(_ values: inout MutableSpan<Float>, counts: [Int]) throws {
        Waiting.begin(.allGatherFloats)
        defer { Waiting.end() }
        try base.allGather(&values, counts: counts)
    }

    package func gather(_ values: inout MutableSpan<Float>, counts: [Int]) throws {
        Waiting.begin(.gatherFloats)
        defer { Waiting.end() }
        try base.gather(&values, counts: counts)
    }

    package func reduceScatterSum(_ values: inout MutableSpan<Float>, counts: [Int]) throws {
        Waiting.begin(.reduceScatterFloats)
        defer { Waiting.end() }
        try base.reduceScatterSum(&values, counts: counts)
    }

    package func swap(_ mine: Span<Float>, _ theirs: inout MutableSpan<Float>, with partner: Int) throws {
        Waiting.begin(.swapFloats)
        defer { Waiting.end() }
        try base.swap(mine, &theirs, with: partner)
    }

    package func split(group: Int) throws -> any Communicator {
        Waiting.begin(.split)
        defer { Waiting.end() }
        return WatchedCommunicator(try base.split(group: group))
    }

    package func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
        Waiting.begin(.gatherBytes)
        defer { Waiting.end() }
        return try base.gather(bytes)
    }

    package func barrier() throws {
        Waiting.begin(.barrier)
        defer { Waiting.end() }
        try base.barrier()
    }

    package func agree(failure: String?, notice: Int) throws -> Int {
        Waiting.begin(.agreement)
        defer { Waiting.end() }
        return try base.agree(failure: failure, notice: notice)
    }

    package func leave() throws {
        Waiting.begin(.farewell)
        defer { Waiting.end() }
        try base.leave()
    }

    package func abort(status: Int32) -> Never { base.abort(status: status) }
}
