/// How the distance of two embeddings is measured.
///
/// Inside the search all is the square of Euclid's distance, since for rows of length one 1 − cos is half of it.
package enum Metric: String, Sendable, CaseIterable {
    /// ‖q − x‖, which the contrastive loss trains.
    case euclidean
    /// 1 − q·x / (‖q‖ ‖x‖), whatever the rows' lengths, which must not be zero.
    case cosine

    /// The square of the distance of two rows, of the normalised ones for cosine, from sums in double precision.
    ///
    /// The same digits wherever it is computed, and 0 for equal rows with the Euclidean metric: what ties are decided by.
    func square(_ q: Span<Float>, _ x: Span<Float>) -> Double {
        precondition(q.count == x.count, "rows of \(q.count) and \(x.count) numbers")
        return unsafe q.withUnsafeBufferPointer { q in
            unsafe x.withUnsafeBufferPointer { x in
                switch self {
                case .euclidean: return unsafe Self.squaredDifference(q, x)
                case .cosine:
                    let lengths = unsafe (Self.dot(q, q) * Self.dot(x, x)).squareRoot()
                    return unsafe max(0, 2 - 2 * Self.dot(q, x) / lengths)
                }
            }
        }
    }

    /// The distance that is reported for a square.
    package func distance(square: Double) -> Float {
        switch self {
        case .euclidean: Float(square.squareRoot())
        case .cosine: Float(square / 2)
        }
    }

    /// What two sums of a row are made with: eight partial sums, so that the compiler may use vectors.
    private static func squaredDifference(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Double {
        var sums = SIMD8<Double>()
        let whole = a.count / 8 * 8
        for at in stride(from: 0, to: whole, by: 8) {
            let difference = unsafe eight(a, at) - eight(b, at)
            sums += difference * difference
        }
        var sum = sums.sum()
        for at in whole..<a.count {
            let difference = unsafe Double(a[at]) - Double(b[at])
            sum += difference * difference
        }
        return sum
    }

    private static func dot(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Double {
        var sums = SIMD8<Double>()
        let whole = a.count / 8 * 8
        for at in stride(from: 0, to: whole, by: 8) { unsafe sums += eight(a, at) * eight(b, at) }
        var sum = sums.sum()
        for at in whole..<a.count { unsafe sum += Double(a[at]) * Double(b[at]) }
        return sum
    }

    private static func eight(_ a: UnsafeBufferPointer<Float>, _ at: Int) -> SIMD8<Double> {
        unsafe SIMD8<Double>(
            UnsafeRawPointer(a.baseAddress.unsafelyUnwrapped + at).loadUnaligned(as: SIMD8<Float>.self))
    }
}
