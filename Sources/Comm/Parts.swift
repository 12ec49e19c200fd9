/// A buffer cut into one part a rank, one after the other.
package struct Parts: Sendable, Equatable {
    package let counts: [Int]

    /// - Parameter length: of the buffer, which the parts must fill.
    init(_ counts: [Int], in length: Int) {
        precondition(counts.reduce(0, +) == length, "parts \(counts) of a buffer of \(length)")
        self.counts = counts
    }

    /// Parts as equal as they can be, each beginning at a multiple of `grain`.
    package init(of length: Int, ranks: Int, grain: Int = 16) {
        let grains = (length + grain - 1) / grain
        let edges = (0...ranks).map { min(grains * $0 / ranks * grain, length) }
        counts = zip(edges, edges.dropFirst()).map { $1 - $0 }
    }

    package var ranges: [Range<Int>] {
        var start = 0
        return counts.map { count in
            defer { start += count }
            return start..<start + count
        }
    }
}
