/// Sums by all-reduce: one bucket of gradients, a stretch of the flat gradient buffer.
package final class AllReduceExchange: GradientExchange {
    private let gradients: any FloatBuffer
    private let range: Range<Int>
    private let wire: Wire

    package init(_ gradients: any FloatBuffer, _ range: Range<Int>, wire: Wire = .float32) {
        precondition(range.lowerBound >= 0 && range.upperBound <= gradients.count, "\(range) of \(gradients.count)")
        self.gradients = gradients
        self.range = range
        self.wire = wire
    }

    package func exchange(over communicator: any Communicator) throws {
        try gradients.withPart(range) { part in try communicator.allReduceSum(&part, wire: wire) }
    }

    /// What each of `ranks` ranks sends in a bandwidth-optimal all-reduce (a ring, or Rabenseifner's, as OpenMPI picks for
    /// long buffers): 2 (P − 1) / P of the buffer.
    package static func bytesSent(floats count: Int, ranks: Int, wire: Wire = .float32) -> Int {
        2 * (ranks - 1) * count * (wire == .bf16 ? 2 : 4) / ranks
    }
}
