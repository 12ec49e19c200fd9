/// Gathers the factors of a matrix's gradient instead of summing the matrix.
///
/// The gradient of an inner product's weights is ∂Yᵀ·X, summed over the samples: of rank B for a batch of B. All ranks gather
/// the rows of both factors, in the order of samples, and multiply by themselves: (P − 1) / P · B · (M + N) floats instead of
/// 2 (P − 1) / P · M · N, and the same bits on every rank and for any number of ranks.
/// Source: Xie et al., "Distributed machine learning via sufficient factor broadcasting", 2015.
package final class FactorsExchange: GradientExchange {
    /// A matrix whose rows belong to samples: blocks of rows (one a use of the weights), each with all ranks' samples.
    package struct Factor {
        package let buffer: any FloatBuffer
        /// Floats a sample.
        package let width: Int

        package init(_ buffer: any FloatBuffer, width: Int) {
            self.buffer = buffer
            self.width = width
        }
    }

    private let factors: [Factor]
    private let blocks: Int
    /// Samples of each rank.
    private let samples: [Int]

    /// - Parameters:
    ///   - blocks: how often the weights are used in an iteration.
    ///   - samples: how many samples each rank brings to a block.
    package init(_ factors: [Factor], blocks: Int, samples: [Int]) {
        let total = samples.reduce(0, +) * blocks
        precondition(factors.allSatisfy { $0.buffer.count >= total * $0.width }, "factors of \(total) samples")
        self.factors = factors
        self.blocks = blocks
        self.samples = samples
    }

    package func exchange(over communicator: any Communicator) throws {
        let total = samples.reduce(0, +)
        for factor in factors {
            let counts = samples.map { $0 * factor.width }
            for block in 0..<blocks {
                let start = block * total * factor.width
                try factor.buffer.withPart(start..<start + total * factor.width) { part in
                    try communicator.allGather(&part, counts: counts)
                }
            }
        }
    }

    /// What each of `ranks` ranks sends in a ring: all samples but those that begin with the next rank.
    package static func bytesSent(samples: Int, widths: [Int], ranks: Int) -> Int {
        (ranks - 1) * samples * widths.reduce(0, +) * MemoryLayout<Float>.stride / ranks
    }
}
