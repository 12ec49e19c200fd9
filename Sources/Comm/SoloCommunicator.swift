import Foundation

/// A world of one rank, without MPI: every collective is done before it starts.
package final class SoloCommunicator: Communicator {
    package let rank = 0
    package let size = 1
    package let hosts: [String]
    package let localRank = 0
    package let localSize = 1
    package let hostLeader = 0

    package init() {
        hosts = [Machine.name]
    }

    package func broadcast(_ values: inout MutableSpan<Float>) {}
    package func broadcast(_ bytes: inout [UInt8]) {}
    package func allReduceSum(_ values: inout MutableSpan<Float>, wire: Wire) {}
    package func allGather(_ values: inout MutableSpan<Float>, counts: [Int]) {}
    package func gather(_ values: inout MutableSpan<Float>, counts: [Int]) {}
    package func reduceScatterSum(_ values: inout MutableSpan<Float>, counts: [Int]) {}
    package func split(group: Int) -> any Communicator { self }
    package func allReduceSum(_ values: inout [Double]) {}
    package func allReduceMaximum(_ values: inout [Int]) {}
    package func gather(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }
    package func barrier() {}

    package func swap(_ mine: Span<Float>, _ theirs: inout MutableSpan<Float>, with partner: Int) {
        precondition(mine.count == theirs.count && partner == 0, "a swap with rank \(partner) in a world of one")
        for index in mine.indices { theirs[index] = mine[index] }
    }

    package func agree(failure: String?, notice: Int) throws -> Int {
        if let failure { throw PeerError(rank: 0, host: host, message: failure) }
        return notice
    }

    package func leave() {}

    package func abort(status: Int32) -> Never { exit(status) }
}
