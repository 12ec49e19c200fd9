import Comm
import Testing

@Suite(.timeLimit(.minutes(5))) struct ShardedExchangeTests {
    @Test func partsCoverTheRangeAndBeginAtWholeVectors() throws {
        let exchange = ShardedExchange(
            gradients: FloatArray([Float](repeating: 0, count: 130)),
            weights: FloatArray([Float](repeating: 0, count: 130)), 16..<116, ranks: 3)
        #expect((0..<3).map(exchange.range(ofRank:)) == [16..<48, 48..<80, 80..<116])
    }

    @Test func everyRankGetsAllWeightsAndRankZeroTheHistory() throws {
        let results = try ThreadCommunicator.run(3) { communicator in
            let rank = Float(communicator.rank)
            let gradients = FloatArray([Float](repeating: rank + 1, count: 40))
            let weights = FloatArray([Float](repeating: 0, count: 40))
            let history = FloatArray([Float](repeating: -1, count: 40))
            let exchange = ShardedExchange(gradients: gradients, weights: weights, 0..<40, ranks: 3)
            try exchange.exchange(over: communicator)
            for index in exchange.range(ofRank: communicator.rank) {
                weights.values[index] = gradients.values[index] * 100
                history.values[index] = rank
            }
            try exchange.share(over: communicator)
            try exchange.gather(history, over: communicator, toAll: false)
            return [weights.values, history.values]
        }
        #expect(results.allSatisfy { $0[0] == [Float](repeating: 600, count: 40) })
        #expect(
            results[0][1] == [Float](repeating: 0, count: 16) + [Float](repeating: 1, count: 16)
                + [Float](repeating: 2, count: 8))
        #expect(
            results[1][1] == [Float](repeating: -1, count: 16) + [Float](repeating: 1, count: 16)
                + [Float](repeating: -1, count: 8))
    }
}
