/// A collective that went wrong on this rank: what was called, where, and MPI's own words.
///
/// After one of these the ranks may no longer be in step: print it and `abort`.
package struct CommError: Error, Equatable, CustomStringConvertible {
    package let call: String
    package let rank: Int
    package let host: String
    package let reason: String

    package init(call: String, rank: Int, host: String, reason: String) {
        self.call = call
        self.rank = rank
        self.host = host
        self.reason = reason
    }

    package var description: String { "\(call) failed on rank \(rank) (\(host)): \(reason)" }
}

/// The first error of any rank, thrown as the same value on every rank.
///
/// Since all have it, all may end in order: rank zero prints it, and nobody needs to abort.
package struct PeerError: Error, Equatable, CustomStringConvertible {
    package let rank: Int
    package let host: String
    package let message: String

    package init(rank: Int, host: String, message: String) {
        self.rank = rank
        self.host = host
        self.message = message
    }

    package var description: String { "rank \(rank) (\(host)): \(message)" }
}
