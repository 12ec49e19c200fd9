/// One property that every communicator must have; the same list serves the unit tests and a new cluster.
package struct CommunicatorCheck: Sendable {
    package let name: String
    let run: @Sendable (any Communicator) throws -> Void

    /// Runs all checks and calls `passed` with the name of each one that holds.
    ///
    /// Collective. Throws at the first that does not: on all ranks, in the words of the lowest rank that saw it.
    /// - Parameter longest: elements in the longest buffer.
    package static func runAll(
        on communicator: any Communicator, longest: Int = 1 << 20, passed: (String) throws -> Void = { _ in }
    ) throws {
        for check in all(longest: longest) {
            try communicator.together {
                do {
                    try check.run(communicator)
                } catch let failure as CheckFailure {
                    throw CheckFailure(reason: "check '\(check.name)': \(failure.reason)")
                }
            }
            try passed(check.name)
        }
    }

    static func all(longest: Int) -> [CommunicatorCheck] {
        [
            CommunicatorCheck(name: "every rank has its place", run: places),
            CommunicatorCheck(name: "broadcast gives rank zero's floats", run: { try broadcastFloats($0, longest) }),
            CommunicatorCheck(name: "broadcast gives rank zero's bytes", run: broadcastBytes),
            CommunicatorCheck(name: "all-reduce sums floats", run: { try sumFloats($0, longest) }),
            CommunicatorCheck(name: "sums are bit-identical on all ranks", run: { try identicalSums($0, longest) }),
            CommunicatorCheck(name: "all-reduce of doubles and integers", run: smallReductions),
            CommunicatorCheck(name: "gathers of unequal lengths", run: gathers),
            CommunicatorCheck(name: "exchange by all-reduce", run: bucket),
            CommunicatorCheck(name: "exchange by shards", run: shards),
            CommunicatorCheck(name: "exchange in a tree", run: tree),
            CommunicatorCheck(name: "exchange of factors", run: factors),
            CommunicatorCheck(name: "swaps between neighbours", run: swaps),
            CommunicatorCheck(name: "groups of ranks", run: groups),
            CommunicatorCheck(name: "one rank's failure reaches all", run: failureInTogether),
            CommunicatorCheck(name: "a failure is heard at the next collective", run: failureBeforeCollective),
            CommunicatorCheck(name: "different lengths are an error", run: differentLengths),
            CommunicatorCheck(name: "different collectives are an error", run: differentCollectives),
            CommunicatorCheck(name: "barrier", run: { try $0.barrier() }),
        ]
    }
}

/// What a check found to be wrong on this rank.
struct CheckFailure: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}

func expect(_ holds: Bool, _ reason: @autoclosure () -> String) throws {
    if !holds { throw CheckFailure(reason: reason()) }
}

// MARK: - Places, broadcasts, gathers

private func places(_ comm: any Communicator) throws {
    try expect((0..<comm.size).contains(comm.rank), "rank \(comm.rank) of \(comm.size)")
    try expect((0..<comm.localSize).contains(comm.localRank), "local rank \(comm.localRank) of \(comm.localSize)")
    try expect(comm.hosts.count == comm.size, "\(comm.hosts.count) host names")
    try expect(comm.hosts[comm.hostLeader] == comm.host, "the host's leader is on host \(comm.hosts[comm.hostLeader])")
    var seen = [Int](repeating: 0, count: comm.size)
    seen[comm.rank] = 1
    try comm.allReduceMaximum(&seen)
    try expect(seen.allSatisfy { $0 == 1 }, "ranks that exist: \(seen)")
}

/// Ranks swap in pairs, a last one without a neighbour with itself.
private func swaps(_ comm: any Communicator) throws {
    let neighbour = comm.rank ^ 1 < comm.size ? comm.rank ^ 1 : comm.rank
    let mine = (0..<6400).map { Float(comm.rank * 7000 + $0) }
    var theirs = [Float](repeating: -1, count: mine.count)
    var span = theirs.mutableSpan
    try comm.swap(mine.span, &span, with: neighbour)
    for index in mine.indices {
        try expect(theirs[index] == Float(neighbour * 7000 + index), "value \(index) of rank \(neighbour)")
    }
}

/// Even and odd ranks sum among themselves, and hear of failures of their own.
private func groups(_ comm: any Communicator) throws {
    let part = try comm.split(group: comm.rank % 2)
    try expect(part.size == (comm.size + 1 - comm.rank % 2) / 2, "\(part.size) ranks in a group")
    try expect(part.rank == comm.rank / 2, "rank \(comm.rank) has become \(part.rank)")
    var sum = [Double(comm.rank)]
    try part.allReduceSum(&sum)
    let expected = stride(from: comm.rank % 2, to: comm.size, by: 2).reduce(0, +)
    try expect(sum[0] == Double(expected), "a group's sum is \(sum[0]), not \(expected)")
}

private func broadcastFloats(_ comm: any Communicator, _ longest: Int) throws {
    for count in [0, 1, 1000, longest] {
        var values = (0..<count).map { Float(comm.rank * 1000 + $0 % 1000) }
        var span = values.mutableSpan
        try comm.broadcast(&span)
        for index in values.indices {
            try expect(values[index] == Float(index % 1000), "value \(index) of \(count) is \(values[index])")
        }
    }
}

private func broadcastBytes(_ comm: any Communicator) throws {
    for count in [0, 1, 100_000] {
        // Rank zero's length is the one that counts.
        var bytes =
            comm.isRankZero ? (0..<count).map { UInt8(truncatingIfNeeded: $0) } : [UInt8](repeating: 9, count: 3)
        try comm.broadcast(&bytes)
        try expect(bytes.count == count, "\(bytes.count) bytes of \(count)")
        try expect(bytes.enumerated().allSatisfy { $1 == UInt8(truncatingIfNeeded: $0) }, "wrong bytes of \(count)")
    }
}

private func gathers(_ comm: any Communicator) throws {
    // Rank r gives r values r, r, ...; rank zero none.
    let mine = [Float](repeating: Float(comm.rank), count: comm.rank)
    let all = (0..<comm.size).map { [Float](repeating: Float($0), count: $0) }
    let floats = try comm.gather(mine)
    try expect(floats == (comm.isRankZero ? all : []), "floats \(floats)")

    let byteCounts = try comm.gather([UInt8](repeating: 1, count: 70_000 * comm.rank + 1)).map(\.count)
    let expected = comm.isRankZero ? (0..<comm.size).map { 70_000 * $0 + 1 } : []
    try expect(byteCounts == expected, "byte counts \(byteCounts)")

    let word = String(repeating: "塔", count: comm.rank)
    let words = (0..<comm.size).map { String(repeating: "塔", count: $0) }
    let gathered = try comm.gather(word)
    try expect(gathered == (comm.isRankZero ? words : []), "strings \(gathered)")
    let everywhere = try comm.allGather(word)
    try expect(everywhere == words, "strings on all ranks \(everywhere)")
}
