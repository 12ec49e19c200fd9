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
    package func allReduceSum(_ values: inout MutableSpan<Float>) {}
    package func allReduceSum(_ values: inout [Double]) {}
    package func allReduceMaximum(_ values: inout [Int]) {}
    package func gather(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }
    package func barrier() {}

    package func agree(failure: String?) throws {
        if let failure { throw PeerError(rank: 0, host: host, message: failure) }
    }

    package func leave() {}

    package func abort(status: Int32) -> Never { exit(status) }
}
