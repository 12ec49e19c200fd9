import Comm
import Testing

@Suite struct CommunicatorCheckTests {
    @Test func holdsForSolo() throws {
        var passed: [String] = []
        try CommunicatorCheck.runAll(on: SoloCommunicator(), longest: 10_000) { passed.append($0) }
        #expect(passed.count == 18)
    }

    @Test(.timeLimit(.minutes(5)), arguments: [1, 2, 3, 5])
    func holdsForThreads(size: Int) throws {
        let passed = try ThreadCommunicator.run(size) { communicator in
            var passed = 0
            try CommunicatorCheck.runAll(on: communicator, longest: 10_000) { _ in passed += 1 }
            return passed
        }
        #expect(passed == Array(repeating: 18, count: size))
    }

    @Test func findsWrongSums() throws {
        #expect(throws: (any Error).self) { try CommunicatorCheck.runAll(on: Liar { $0 + 1 }, longest: 10) }
        try CommunicatorCheck.runAll(on: Liar { $0 }, longest: 10)
    }

    @Test(.timeLimit(.minutes(5))) func findsSumsThatDifferByABitOnOneRank() throws {
        let outcomes = try ThreadCommunicator.run(3) { threads -> String in
            // Exact sums of small integers stay as they are, so that only the check of bits can see it.
            let liar = Liar(threads) { threads.rank == 1 && $0.magnitude > 1e7 ? $0.nextUp : $0 }
            do {
                try CommunicatorCheck.runAll(on: liar, longest: 1000)
                return "held"
            } catch {
                return "\(error)"
            }
        }
        let message = "check 'sums are bit-identical on all ranks': sums of 5 floats differ between ranks"
        #expect(outcomes == Array(repeating: "rank 0 (\(SoloCommunicator().host)): " + message, count: 3))
    }
}

/// Another communicator whose float sums are bent.
private final class Liar: Communicator {
    let honest: any Communicator
    let bend: (Float) -> Float

    init(_ honest: any Communicator = SoloCommunicator(), bend: @escaping (Float) -> Float) {
        self.honest = honest
        self.bend = bend
    }

    var rank: Int { honest.rank }
    var size: Int { honest.size }
    var hosts: [String] { honest.hosts }
    var localRank: Int { honest.localRank }
    var localSize: Int { honest.localSize }
    var hostLeader: Int { honest.hostLeader }

    func allReduceSum(_ values: inout MutableSpan<Float>, wire: Wire) throws {
        try honest.allReduceSum(&values, wire: wire)
        for index in values.indices { values[index] = bend(values[index]) }
    }

    func broadcast(_ values: inout MutableSpan<Float>) throws { try honest.broadcast(&values) }
    func broadcast(_ bytes: inout [UInt8]) throws { try honest.broadcast(&bytes) }
    func allReduceSum(_ values: inout [Double]) throws { try honest.allReduceSum(&values) }
    func allReduceMaximum(_ values: inout [Int]) throws { try honest.allReduceMaximum(&values) }
    func allGather(_ values: inout MutableSpan<Float>, counts: [Int]) throws {
        try honest.allGather(&values, counts: counts)
    }
    func gather(_ values: inout MutableSpan<Float>, counts: [Int]) throws {
        try honest.gather(&values, counts: counts)
    }
    func reduceScatterSum(_ values: inout MutableSpan<Float>, counts: [Int]) throws {
        try honest.reduceScatterSum(&values, counts: counts)
    }
    func swap(_ mine: Span<Float>, _ theirs: inout MutableSpan<Float>, with partner: Int) throws {
        try honest.swap(mine, &theirs, with: partner)
    }
    func split(group: Int) throws -> any Communicator { try honest.split(group: group) }
    func gather(_ bytes: [UInt8]) throws -> [[UInt8]] { try honest.gather(bytes) }
    func barrier() throws { try honest.barrier() }
    func agree(failure: String?, notice: Int) throws -> Int {
        try honest.agree(failure: failure, notice: notice)
    }
    func leave() throws { try honest.leave() }
    func abort(status: Int32) -> Never { honest.abort(status: status) }
}
