import Comm
import Testing

@Suite(.timeLimit(.minutes(1))) struct GradientExchangeTests {
    @Test(arguments: [4, 12, 1 << 20]) func sumsWhateverTheBucket(bytes: Int) throws {
        let sums = try ThreadCommunicator.run(3) { communicator in
            let exchange = AllReduceExchange(over: communicator, bucketBytes: bytes)
            var gradients: [Float] = (0..<7).map { Float(10 * communicator.rank + $0) }
            var span = gradients.mutableSpan
            try exchange.exchange(&span)
            return gradients
        }
        let expected: [Float] = [30, 33, 36, 39, 42, 45, 48]
        #expect(sums == [expected, expected, expected])
    }

    @Test func countsBytesSent() throws {
        let solo = AllReduceExchange(over: SoloCommunicator())
        #expect(solo.bytesSent(exchanging: 1000) == 0)
        let four = try ThreadCommunicator.run(4) { AllReduceExchange(over: $0).bytesSent(exchanging: 1000) }
        #expect(four == [6000, 6000, 6000, 6000])
    }
}
