import Comm
import Testing

@Suite(.timeLimit(.minutes(5))) struct TreeExchangeTests {
    @Test func sumsItsStretchOfTheBufferOnly() throws {
        let results = try ThreadCommunicator.run(3) { communicator in
            let buffer = FloatArray((0..<7).map { Float(10 * communicator.rank + $0) })
            try TreeExchange(buffer, 2..<6, ranks: 3).exchange(over: communicator)
            return buffer.values
        }
        #expect(results[0] == [0, 1, 36, 39, 42, 45, 6])
        #expect(results[2] == [20, 21, 36, 39, 42, 45, 26])
    }

    /// (1 + 2⁻²⁴) + (2⁻²⁴ + 2⁻²⁴): the second pair counts, where one after the other each would be rounded away.
    @Test func addsNeighboursFirst() throws {
        let tiny = Float(0x1p-24)
        let results = try ThreadCommunicator.run(4) { communicator in
            let buffer = FloatArray([communicator.rank == 0 ? 1 : tiny])
            try TreeExchange(buffer, 0..<1, ranks: 4).exchange(over: communicator)
            return buffer.values[0]
        }
        #expect(results == Array(repeating: 1 + 2 * tiny, count: 4))
    }
}
