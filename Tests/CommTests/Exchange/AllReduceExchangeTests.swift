import Comm
import Testing

@Suite(.timeLimit(.minutes(5))) struct AllReduceExchangeTests {
    @Test func sumsItsStretchOfTheBufferOnly() throws {
        let results = try ThreadCommunicator.run(3) { communicator in
            let buffer = FloatArray((0..<7).map { Float(10 * communicator.rank + $0) })
            try AllReduceExchange(buffer, 2..<6).exchange(over: communicator)
            return buffer.values
        }
        #expect(results[0] == [0, 1, 36, 39, 42, 45, 6])
        #expect(results[2] == [20, 21, 36, 39, 42, 45, 26])
    }

    /// 1 + 2⁻⁸ is halfway between two numbers of bfloat16 and goes to the even one, 1; 3 × 1.0078125 is 3.0234375, and
    /// above 2 numbers are 2⁻⁶ apart: to 3.03125 (odd 3.015625 is as far away).
    @Test func roundsWhatItSendsAndWhatItHasSummed() throws {
        let results = try ThreadCommunicator.run(3) { communicator in
            let buffer = FloatArray([1 + 1 / 256, 1.0078125])
            try AllReduceExchange(buffer, 0..<2, wire: .bf16).exchange(over: communicator)
            return buffer.values
        }
        #expect(results == Array(repeating: [3, 3.03125], count: 3))
    }

    @Test func countsBytes() {
        #expect(AllReduceExchange.bytesSent(floats: 1000, ranks: 1) == 0)
        #expect(AllReduceExchange.bytesSent(floats: 1000, ranks: 4) == 6000)
        #expect(AllReduceExchange.bytesSent(floats: 1000, ranks: 4, wire: .bf16) == 3000)
    }
}

/// A buffer for the tests of exchanges.
final class FloatArray: FloatBuffer {
    var values: [Float]
    init(_ values: [Float]) { self.values = values }
    var count: Int { values.count }

    func withMutableSpan<R, E: Error>(_ body: (inout MutableSpan<Float>) throws(E) -> R) throws(E) -> R {
        try values.withUnsafeMutableBufferPointer { (buffer) throws(E) -> R in
            var span = MutableSpan(_unsafeElements: buffer)
            return try body(&span)
        }
    }
}
