/// Sums a stretch of the flat gradient buffer over the ranks in a binary tree: the same bits however the ranks are placed.
///
/// Each rank adds one part of everyone's gradients and gives the sum to all. As many bytes as an all-reduce, whose order of
/// additions is MPI's own.
package final class TreeExchange: GradientExchange {
    private let gradients: any FloatBuffer
    private let range: Range<Int>
    private let parts: Parts

    package init(_ gradients: any FloatBuffer, _ range: Range<Int>, ranks: Int) {
        precondition(range.lowerBound >= 0 && range.upperBound <= gradients.count, "\(range) of \(gradients.count)")
        self.gradients = gradients
        self.range = range
        parts = Parts(of: range.count, ranks: ranks)
    }

    package func exchange(over communicator: any Communicator) throws {
        try gradients.withPart(range) { part in
            try communicator.reduceScatterSum(&part, counts: parts.counts)
            try communicator.allGather(&part, counts: parts.counts)
        }
    }
}
