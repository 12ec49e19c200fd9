/// How well a distance tells matching pairs from others, at every threshold ("accept when distance ≤ threshold").
package struct ROCCurve: Sendable {
    /// What a threshold does: shares of the non-matching and of the matching pairs that it accepts.
    package struct Point: Equatable, Sendable {
        package let threshold: Float
        package let falseAcceptRate: Double
        package let trueAcceptRate: Double

        package var falseRejectRate: Double { 1 - trueAcceptRate }
    }

    package let ranking: RankedPairs
    package let counts: AcceptCounts

    /// nil when the table lacks matching or non-matching pairs, or holds a distance that is no number.
    package init?(_ table: DistanceTable) {
        guard let ranking = RankedPairs(table) else { return nil }
        self.ranking = ranking
        counts = ranking.counts
    }

    private func point(_ index: Int) -> Point {
        Point(
            threshold: index == 0 ? -.infinity : ranking.threshold(index),
            falseAcceptRate: counts.falseAcceptRate(index), trueAcceptRate: counts.trueAcceptRate(index))
    }

    /// From the threshold that accepts nothing to the one that accepts all.
    package var points: [Point] { counts.matches.indices.map(point) }

    /// The points where the curve turns, with its ends: enough to draw it, or to compute the areas again.
    package var corners: [Point] {
        let (x, y) = (counts.others, counts.matches)
        var kept = [0]
        for index in x.indices.dropFirst() {
            // A straight line goes on where the two steps have the same slope.
            while kept.count > 1 {
                let (a, b) = (kept[kept.count - 2], kept[kept.count - 1])
                guard (x[b] - x[a]) * (y[index] - y[b]) == (x[index] - x[b]) * (y[b] - y[a]) else { break }
                kept.removeLast()
            }
            kept.append(index)
        }
        return kept.map(point)
    }

    /// The area under the curve: the chance that a matching pair is closer than a non-matching one.
    package var areaUnderCurve: Double { counts.areaUnderCurve }

    /// Where as many matching pairs are rejected as others are accepted: the rate, and the threshold that gives it.
    ///
    /// Between two points of the curve the rate is interpolated; the threshold is the nearer point's.
    package var equalError: (rate: Double, threshold: Float) {
        let equal = counts.equalError
        return (equal.rate, ranking.threshold(equal.index))
    }

    /// The threshold that judges most pairs rightly, the lowest of several, and the share that it judges rightly.
    package var bestAccuracy: (rate: Double, threshold: Float) {
        let best = counts.mostAccurate
        return (counts.accuracy(best), ranking.threshold(best))
    }

    /// The threshold that accepts most matching pairs while it accepts at most this share of the others.
    package func threshold(falseAcceptRate limit: Double) -> Float {
        ranking.threshold(counts.strictest(falseAcceptRate: limit))
    }

    /// The share of pairs that a threshold judges rightly, which another list may have given.
    package func accuracy(threshold: Float) -> Double { counts.accuracy(ranking.index(threshold: threshold)) }

    /// A line for each corner: threshold, false accept rate and true accept rate, under a line of these names.
    ///
    /// The first threshold, which accepts nothing, is written `-inf`.
    package var csv: String {
        corners.reduce(into: "threshold,false_accept_rate,true_accept_rate\n") { text, point in
            text += "\(point.threshold),\(point.falseAcceptRate),\(point.trueAcceptRate)\n"
        }
    }
}
