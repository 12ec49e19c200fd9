import Pairs
import Testing

struct ShardTests {
    @Test(arguments: [(8, 1), (8, 3), (7, 7), (32, 5)])
    func shardsAreDisjointAndComplete(batch: Int, worldSize: Int) throws {
        let shards = try (0..<worldSize).map { try Shard(batch: batch, rank: $0, worldSize: worldSize) }
        #expect(shards.flatMap { Array($0.range) } == Array(0..<batch))
        #expect(shards.allSatisfy { $0.batch == batch && $0.count >= batch / worldSize })
    }

    @Test func oneRankHasAll() throws {
        #expect(try Shard(batch: 5, rank: 0, worldSize: 1) == Shard(whole: 5))
    }

    @Test func moreRanksThanSamples() {
        let error = #expect(throws: Shard.TooManyRanks.self) { try Shard(batch: 4, rank: 0, worldSize: 6) }
        #expect(
            error?.description == """
                6 ranks can't share a batch of 4: each needs at least one sample; \
                start at most 4 ranks, or set batch_size to 6 or more
                """)
    }
}
