import Comm
import Testing

@Suite(.timeLimit(.minutes(5))) struct RankMapTests {
    /// A map of ranks given by host leader and processors.
    private func map(_ ranks: [(leader: Int, processors: [Int])]) -> RankMap {
        RankMap(
            placements: ranks.enumerated().map { rank, place in
                Placement(
                    rank: rank, host: "node\(place.leader)", hostLeader: place.leader, processID: Int32(100 + rank),
                    localRank: rank - place.leader, processors: place.processors)
            })
    }

    @Test func aLoneRankUsesAllItMay() {
        #expect(map([(0, Array(0..<16))]).threads == [16])
    }

    @Test func unboundRanksShare() {
        let all = Array(0..<8)
        #expect(map([(0, all), (0, all)]).threads == [4, 4])
        #expect(map([(0, all), (0, all), (0, all)]).threads == [2, 2, 2])
    }

    @Test func boundRanksHaveTheirOwn() {
        #expect(map([(0, [0, 1, 2]), (0, [3])]).threads == [3, 1])
    }

    @Test func otherHostsDoNotShare() {
        #expect(map([(0, [0, 1]), (0, [0, 1]), (2, [0, 1])]).threads == [1, 1, 2])
    }

    @Test func moreRanksThanProcessorsGetOneEach() {
        #expect(map([(0, [0]), (0, [0]), (0, [0])]).threads == [1, 1, 1])
    }

    @Test func printsATable() {
        let table = map([(0, [0, 1, 2, 3, 8]), (1, [5])]).table
        #expect(
            table == """
                rank  host   pid  cores      threads
                0     node0  100  5 (0-3,8)  5
                1     node1  101  1 (5)      1
                """)
    }

    @Test func reachesEveryRank() throws {
        let maps = try ThreadCommunicator.run(3) { try RankMap.gather(over: $0) }
        #expect(maps.allSatisfy { $0 == maps[0] })
        #expect(maps[0].placements.map(\.rank) == [0, 1, 2])
        let mine = Machine.usableProcessors
        #expect(maps[0].threads == Array(repeating: max(1, mine.count / 3), count: 3))
    }
}
