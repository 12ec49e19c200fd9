/// Divides the update: each rank gets the sum of its part of the gradients, updates that part of weights and history, and
/// gives the new weights to all.
///
/// As many bytes as an all-reduce, but each rank updates, and needs to remember, only 1/P of the parameters.
/// Source: Rajbhandari et al., "ZeRO: memory optimizations toward training trillion parameter models", SC 2020, stage 2.
package final class ShardedExchange: GradientExchange {
    private let gradients: any FloatBuffer
    private let weights: any FloatBuffer
    private let range: Range<Int>
    private let parts: Parts

    /// - Parameter range: where the parameters lie in both buffers.
    package init(gradients: any FloatBuffer, weights: any FloatBuffer, _ range: Range<Int>, ranks: Int) {
        precondition(range.upperBound <= min(gradients.count, weights.count), "\(range) of \(weights.count)")
        self.gradients = gradients
        self.weights = weights
        self.range = range
        parts = Parts(of: range.count, ranks: ranks)
    }

    /// The part of the buffers that a rank updates.
    package func range(ofRank rank: Int) -> Range<Int> {
        let part = parts.ranges[rank]
        return range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound
    }

    package func exchange(over communicator: any Communicator) throws {
        try gradients.withPart(range) { part in try communicator.reduceScatterSum(&part, counts: parts.counts) }
    }

    /// Gives every rank the weights that other ranks have updated.
    ///
    /// Collective.
    package func share(over communicator: any Communicator) throws {
        try gather(weights, over: communicator, toAll: true)
    }

    /// Gives rank zero, or all ranks, the parts of a buffer that is laid out like the weights (the history).
    package func gather(_ buffer: any FloatBuffer, over communicator: any Communicator, toAll: Bool) throws {
        try buffer.withPart(range) { part in
            if toAll {
                try communicator.allGather(&part, counts: parts.counts)
            } else {
                try communicator.gather(&part, counts: parts.counts)
            }
        }
    }

    /// What each of `ranks` ranks sends: (P − 1) / P of the gradients, and as much of the weights.
    package static func bytesSent(floats count: Int, ranks: Int) -> Int {
        AllReduceExchange.bytesSent(floats: count, ranks: ranks)
    }
}
