/// P(match) as the best function of the distance that never rises: a staircase with slopes between its steps.
///
/// Least squares by pooling adjacent violators (Zadrozny and Elkan, "Transforming classifier scores into accurate multiclass
/// probability estimates", KDD 2002); pairs of equal distance count as one with their share of matches. Between two knots the
/// value is interpolated, outside it stays at the first or last, as scikit-learn's `IsotonicRegression` does it.
package struct IsotonicCalibration: Codable, Equatable, Sendable {
    /// Rising distances at which the function turns.
    package let distances: [Float]
    /// P(match) there, never rising.
    package let probabilities: [Double]

    package init(_ table: DistanceTable) throws(CalibrationError) {
        guard let ranking = RankedPairs(table) else {
            throw .unusableList(matching: table.matches, nonMatching: table.nonMatches)
        }
        let fitted = Self.pooled(ranking.counts)
        // Inside a step only its two ends are needed.
        let knots = fitted.indices.filter { index in
            index == 0 || index == fitted.count - 1 || fitted[index - 1] != fitted[index]
                || fitted[index + 1] != fitted[index]
        }
        distances = knots.map { ranking.distances[$0] }
        probabilities = knots.map { fitted[$0] }
    }

    /// The fitted share of matches at each different distance.
    private static func pooled(_ counts: AcceptCounts) -> [Double] {
        struct Step {
            var matches: Int
            var pairs: Int
            var groups: Int
            var share: Double { Double(matches) / Double(pairs) }
        }
        var steps: [Step] = []
        for index in 1..<counts.matches.count {
            let matches = counts.matches[index] - counts.matches[index - 1]
            let others = counts.others[index] - counts.others[index - 1]
            var step = Step(matches: matches, pairs: matches + others, groups: 1)
            while let before = steps.last, before.matches * step.pairs <= step.matches * before.pairs {
                step = Step(
                    matches: before.matches + step.matches, pairs: before.pairs + step.pairs,
                    groups: before.groups + step.groups)
                steps.removeLast()
            }
            steps.append(step)
        }
        return steps.flatMap { [Double](repeating: $0.share, count: $0.groups) }
    }

    package func probability(distance: Float) -> Double {
        var (low, high) = (0, distances.count)
        while low < high {
            let middle = (low + high) / 2
            if distances[middle] < distance { low = middle + 1 } else { high = middle }
        }
        if low == 0 { return probabilities[0] }
        if low == distances.count { return probabilities[low - 1] }
        let (left, right) = (Double(distances[low - 1]), Double(distances[low]))
        let part = (Double(distance) - left) / (right - left)
        return probabilities[low - 1] + part * (probabilities[low] - probabilities[low - 1])
    }
}
