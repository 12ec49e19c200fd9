import Comm
import Testing

@Suite(.timeLimit(.minutes(5))) struct FactorsExchangeTests {
    @Test func gathersUnequalShardsInTheOrderOfSamples() throws {
        let samples = [2, 0, 1]
        let results = try ThreadCommunicator.run(3) { communicator in
            let first = samples[..<communicator.rank].reduce(0, +)
            let rows = FloatArray([Float](repeating: -1, count: 12))
            for block in 0..<2 {
                for sample in first..<first + samples[communicator.rank] {
                    for column in 0..<2 {
                        rows.values[block * 6 + sample * 2 + column] = Float(block * 6 + sample * 2 + column)
                    }
                }
            }
            try FactorsExchange([.init(rows, width: 2)], blocks: 2, samples: samples).exchange(over: communicator)
            return rows.values
        }
        #expect(results == Array(repeating: (0..<12).map { Float($0) }, count: 3))
    }

    /// The seed's fc6 on two ranks: 1.06 MB instead of 205 MB.
    @Test func countsBytes() {
        #expect(FactorsExchange.bytesSent(samples: 32, widths: [12544, 4096], ranks: 2) == 16 * 16640 * 4)
    }
}
