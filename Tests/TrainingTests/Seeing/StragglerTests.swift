import Comm
import Foundation
import Testing
import Training

struct StragglerTests {
    /// Ten steps of 0.1 + 1 + 1.4 + 0.1 s, and some waiting.
    private static let usual: [StepSection: Double] = [
        .data: 1, .forward: 10, .backward: 14, .update: 1, .exchange: 2, .others: 0,
    ]

    private static func find(
        _ count: Int = 4, steps: Int = 10, _ edit: (inout [RankTimes]) -> Void
    ) -> Straggler? {
        var ranks = Array(repeating: RankTimes(usual, operations: 8), count: count)
        edit(&ranks)
        return Straggler(among: ranks, steps: steps, hosts: (0..<count).map { "node\($0 / 2 + 1)" })
    }

    @Test
    func theSentenceNamesRankHostAndSection() throws {
        let found = try #require(Self.find { $0[3].seconds[.backward] = 24 })
        #expect("\(found)" == "rank 3 (node2) is 38 % behind: backward 2.4 s a step against 1.4 s")
        let pairs = try #require(Self.find(2) { $0[0].seconds[.data] = 9.5 })
        #expect("\(pairs)" == "rank 0 (node1) is 33 % behind: its pairs take 950 ms a step against 100 ms")
    }

    /// The section is the one that loses most, though others are slow too, and the rank the slowest of two.
    @Test
    func theWorstIsNamed() throws {
        let found = try #require(
            Self.find {
                $0[1].seconds[.update] = 8
                $0[2].seconds = [.data: 1, .forward: 14, .backward: 24, .update: 2]
            })
        #expect(found.rank == 2)
        #expect(found.section == .backward)
        #expect(abs(found.behind - (41 - 26) / 26.0) < 1e-9)
    }

    @Test
    func aFifthIsAllowed() {
        #expect(Self.find { $0[3].seconds[.backward] = 14 + 0.19 * 26 } == nil)
        #expect(Self.find { $0[3].seconds[.backward] = 14 + 0.21 * 26 } != nil)
        #expect(Self.find { _ in } == nil)
    }

    /// A rank that waits is not behind, it is ahead.
    @Test
    func waitingDoesNotCount() {
        #expect(
            Self.find {
                $0[1].seconds[.exchange] = 100
                $0[1].seconds[.others] = 100
            } == nil)
    }

    /// 3, 3 and 2 pairs of a batch of 8: a shard that is half as large again takes as much longer.
    @Test
    func aLargerShardIsNotBehind() {
        func ranks(_ times: Double) -> [RankTimes] {
            [2.0, 2, 3].map { pairs in
                RankTimes([.forward: pairs, .backward: 2 * pairs * (pairs == 3 ? times : 1)], operations: pairs)
            }
        }
        #expect(Straggler(among: ranks(1), steps: 1, hosts: ["a", "a", "b"]) == nil)
        let found = Straggler(among: ranks(2), steps: 1, hosts: ["a", "a", "b"])
        #expect(found?.rank == 2)
        #expect(found?.expected == 6)
    }

    /// Below a millisecond a step it's noise; and alone nobody is behind.
    @Test
    func littleAndAlone() {
        #expect(Self.find(steps: 100_000) { $0[3].seconds[.backward] = 28 } == nil)
        #expect(Self.find(1) { $0[0].seconds[.backward] = 28 } == nil)
    }

    /// Real clocks on three ranks, one of which is slowed down: it's found, though the others wait as long for it.
    @Test
    func aSlowRankIsFound() throws {
        let tables = try ThreadCommunicator.run(3) { communicator in
            let clock = StepClock()
            for _ in 0..<3 {
                clock.begin()
                Thread.sleep(forTimeInterval: 0.01)
                clock.mark(.forward)
                Thread.sleep(forTimeInterval: communicator.rank == 1 ? 0.1 : 0.01)
                clock.mark(.backward)
                try communicator.barrier()
                clock.mark(.exchange)
            }
            return try RankTimes.gather(RankTimes(clock.take(), operations: 1), over: communicator)
        }
        #expect(tables.map(\.count) == [3, 0, 0])
        #expect(tables[0][0][.exchange] > 0.1, "the others wait")
        let found = try #require(Straggler(among: tables[0], steps: 3, hosts: ["a", "b", "c"]))
        #expect(found.rank == 1)
        #expect(found.host == "b")
        #expect(found.section == .backward)
    }
}
