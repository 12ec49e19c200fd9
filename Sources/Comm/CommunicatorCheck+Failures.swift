// The checks of what happens when a rank fails or is out of step.

/// Stands for any error of a rank.
struct Mishap: Error, CustomStringConvertible {
    let rank: Int
    var description: String { "mishap of rank \(rank)" }
}

func failureInTogether(_ comm: any Communicator) throws {
    let sum = try comm.together { comm.rank * 2 }
    try expect(sum == comm.rank * 2, "together gives \(sum)")
    // All ranks but zero fail; the lowest of them has the word. In a world of one, rank zero does, with its own error.
    let culprit = comm.size == 1 ? 0 : 1
    do {
        try comm.together { if comm.rank >= culprit { throw Mishap(rank: comm.rank) } }
        throw CheckFailure(reason: "nobody heard of the failure")
    } catch let error as PeerError {
        let expected = PeerError(rank: culprit, host: comm.hosts[culprit], message: "mishap of rank \(culprit)")
        try expect(error == expected, "heard '\(error)' instead of '\(expected)'")
    } catch is Mishap where comm.size == 1 {}
}

/// The last rank fails while the others go on to an all-reduce, inside another `together`.
func failureBeforeCollective(_ comm: any Communicator) throws {
    let culprit = comm.size - 1
    do {
        try comm.together {
            if comm.rank == culprit { throw Mishap(rank: culprit) }
            try comm.together {
                var values: [Float] = [1, 2, 3]
                var span = values.mutableSpan
                try comm.allReduceSum(&span)
            }
        }
        throw CheckFailure(reason: "nobody heard of the failure")
    } catch let error as PeerError {
        let expected = PeerError(rank: culprit, host: comm.hosts[culprit], message: "mishap of rank \(culprit)")
        try expect(error == expected, "heard '\(error)' instead of '\(expected)'")
    } catch is Mishap where comm.size == 1 {}
}

func differentLengths(_ comm: any Communicator) throws {
    if comm.size == 1 { return }
    var values = [Float](repeating: 1, count: comm.isRankZero ? 3 : 5)
    var reason = "no error"
    do {
        var span = values.mutableSpan
        try comm.allReduceSum(&span)
    } catch let error as CommError {
        reason = error.reason
    }
    try expect(reason == "ranks pass different lengths, from 3 to 5", reason)
    try expect(values.allSatisfy { $0 == 1 }, "the buffer was touched")
}

func differentCollectives(_ comm: any Communicator) throws {
    if comm.size == 1 { return }
    var bytes: [UInt8] = [1]
    var reason = "no error"
    do {
        if comm.isRankZero { try comm.barrier() } else { try comm.broadcast(&bytes) }
    } catch let error as CommError {
        reason = error.reason
    }
    try expect(reason == "ranks are out of step, one in barrier, another in broadcast of bytes", reason)
}
