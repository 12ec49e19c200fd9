/// How far probabilities are from the truth.
package struct CalibrationQuality: Codable, Equatable, Sendable {
    /// Bins of equal width over 0 … 1 into which probabilities are sorted.
    package static let bins = 15

    /// The pairs of one bin: those whose P(match) is above its lower edge and at most its upper one (0 is in the first).
    package struct Bin: Codable, Equatable, Sendable {
        package let pairs: Int
        /// The mean of P(match); 0 of an empty bin.
        package let predicted: Double
        /// The share of pairs that match; 0 of an empty bin.
        package let observed: Double
    }

    /// Σ over the bins of their share of pairs × |observed − predicted|: the expected calibration error of P(match).
    ///
    /// Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks" (ICML 2017), with 15 bins as there; but of
    /// the probability that a pair matches, not of the verdict's.
    package let expectedError: Double
    /// The mean of (P − 1)² over matching and P² over other pairs (Brier 1950).
    package let brier: Double
    package let reliability: [Bin]

    package init(_ probabilities: [Double], isMatch: [Bool]) {
        precondition(probabilities.count == isMatch.count && !isMatch.isEmpty, "one probability for each pair")
        var pairs = [Int](repeating: 0, count: Self.bins)
        var (sums, matches) = ([Double](repeating: 0, count: Self.bins), pairs)
        var squares = 0.0
        for (probability, match) in zip(probabilities, isMatch) {
            let bin = Self.bin(probability)
            pairs[bin] += 1
            sums[bin] += probability
            matches[bin] += match ? 1 : 0
            let gap = probability - (match ? 1 : 0)
            squares += gap * gap
        }
        reliability = pairs.indices.map { bin in
            let count = Double(max(pairs[bin], 1))
            return Bin(pairs: pairs[bin], predicted: sums[bin] / count, observed: Double(matches[bin]) / count)
        }
        expectedError = reliability.reduce(0) { sum, bin in
            sum + Double(bin.pairs) / Double(isMatch.count) * abs(bin.observed - bin.predicted)
        }
        brier = squares / Double(isMatch.count)
    }

    private static func bin(_ probability: Double) -> Int {
        let guess = min(max(Int(probability * Double(bins)), 0), bins - 1)
        // The product is rounded, so the edges themselves decide.
        return guess > 0 && probability <= Double(guess) / Double(bins) ? guess - 1 : guess
    }
}
