/// How well a distance tells matching pairs from others, at every threshold ("accept when distance ≤ threshold").
///
/// Pairs of equal distance are accepted together, so ties cost half, whatever the order of the list
/// (Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27, 2006).
package struct ROCCurve {
    /// What a threshold does: shares of the non-matching and of the matching pairs that it accepts.
    package struct Point: Equatable, Sendable {
        package let threshold: Float
        package let falseAcceptRate: Double
        package let trueAcceptRate: Double

        package var falseRejectRate: Double { 1 - trueAcceptRate }
    }

    /// From the threshold that accepts nothing to the one that accepts all.
    package let points: [Point]

    /// nil when the table lacks matching or non-matching pairs, or holds a distance that is no number.
    package init?(_ table: DistanceTable) {
        let matches = table.matches
        let others = table.nonMatches
        guard matches > 0, others > 0, table.rows.allSatisfy({ $0.distance.isFinite }) else { return nil }
        var points = [Point(threshold: -.infinity, falseAcceptRate: 0, trueAcceptRate: 0)]
        var accepted = (matches: 0, others: 0)
        let sorted = table.rows.sorted { $0.distance < $1.distance }
        for (index, row) in sorted.enumerated() {
            if row.isMatch { accepted.matches += 1 } else { accepted.others += 1 }
            guard index + 1 == sorted.count || sorted[index + 1].distance > row.distance else { continue }
            points.append(
                Point(
                    threshold: row.distance,
                    falseAcceptRate: Double(accepted.others) / Double(others),
                    trueAcceptRate: Double(accepted.matches) / Double(matches)))
        }
        self.points = points
    }

    /// The area under the curve: the chance that a matching pair is closer than a non-matching one.
    package var areaUnderCurve: Double {
        zip(points, points.dropFirst()).reduce(0) { area, side in
            let width = side.1.falseAcceptRate - side.0.falseAcceptRate
            return area + width * (side.0.trueAcceptRate + side.1.trueAcceptRate) / 2
        }
    }

    /// Where as many matching pairs are rejected as others are accepted: the rate, and the threshold that gives it.
    ///
    /// Between two points of the curve the rate is interpolated; the threshold is the nearer point's.
    package var equalError: (rate: Double, threshold: Float) {
        for (before, after) in zip(points, points.dropFirst()) where after.falseAcceptRate >= after.falseRejectRate {
            let gapBefore = before.falseRejectRate - before.falseAcceptRate
            let gapAfter = after.falseAcceptRate - after.falseRejectRate
            let part = gapBefore / (gapBefore + gapAfter)
            let rate = before.falseAcceptRate + part * (after.falseAcceptRate - before.falseAcceptRate)
            return (rate, part < 0.5 && before.threshold.isFinite ? before.threshold : after.threshold)
        }
        preconditionFailure("a curve ends by accepting all")
    }
}
