import Nets
import Testing
import Training

@Suite struct MicroBatchesTests {
    @Test(arguments: [(32, 4), (8, 1), (64, 8), (24, 3), (100, 25), (6, 3), (7, 7), (1, 1)])
    func thereAreEightWhereTheBatchAllows(batch: Int, size: Int) throws {
        #expect(try MicroBatches(of: batch).size == size)
        #expect(try MicroBatches(of: batch).count == batch / size)
    }

    @Test func ranksHoldBranches() throws {
        #expect(try MicroBatches(of: 32).worldSizes == [1, 2, 4, 8])
        #expect(try MicroBatches(of: 12, size: 1).worldSizes == [1, 3, 6, 12])
        #expect(try MicroBatches(of: 7).worldSizes == [1])
        try MicroBatches(of: 32).check(worldSize: 4)
        let error = try #require(throws: NetError.self) { try MicroBatches(of: 32).check(worldSize: 3) }
        #expect(
            error.description
                == "--deterministic: 3 ranks can't share the 8 micro-batches of 4 in a batch of 32; start 1, 2, 4 or 8 "
                + "ranks, or give --micro-batch another size")
    }

    @Test func theirSizeDividesTheBatch() {
        let error = #expect(throws: NetError.self) { try MicroBatches(of: 12, size: 5) }
        #expect(error?.description == "--micro-batch 5 must divide batch_size 12; give 1, 2, 3, 4, 6 or 12")
    }
}
