import Foundation

/// P(match) = 1 / (1 + exp(−(intercept + slope · distance))), which never rises with the distance.
///
/// Fitted by maximum likelihood without a penalty, by Newton's method with halved steps, as Lin, Lin and Weng advise ("A note
/// on Platt's probabilistic outputs for support vector machines", Machine Learning 68, 2007). Where a distance parts all
/// matching pairs from all others, the likelihood grows for ever with the slope; then, or if asked for, the labels are
/// Platt's smoothed ones ("Probabilistic outputs for support vector machines", 1999): (n₊ + 1)/(n₊ + 2) for the n₊ matching
/// pairs, 1/(n₋ + 2) for the others. If larger distances are the likelier matches, the best slope that does not rise is 0.
package struct LogisticCalibration: Codable, Equatable, Sendable {
    package let intercept: Double
    /// Per unit of distance; ≤ 0.
    package let slope: Double
    /// Whether Platt's smoothed labels were used.
    package let smoothed: Bool

    package init(_ table: DistanceTable, smoothed: Bool = false) throws(CalibrationError) {
        let distances = table.rows.map { Double($0.distance) }
        let (matching, others) = (table.matches, table.nonMatches)
        guard matching > 0, others > 0, distances.allSatisfy(\.isFinite) else {
            throw .unusableList(matching: matching, nonMatching: others)
        }
        let farthestMatch = table.rows.lazy.filter(\.isMatch).map(\.distance).max() ?? 0
        let nearestOther = table.rows.lazy.filter { !$0.isMatch }.map(\.distance).min() ?? 0
        let smoothed = smoothed || farthestMatch <= nearestOther
        let high = smoothed ? Double(matching + 1) / Double(matching + 2) : 1
        let low = smoothed ? 1 / Double(others + 2) : 0

        // In units of the spread around the mean, so that the steps are well scaled whatever the distances' unit.
        let mean = distances.reduce(0, +) / Double(distances.count)
        let variance = distances.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(distances.count)
        let targets = table.rows.map { $0.isMatch ? high : low }
        let share = targets.reduce(0, +) / Double(targets.count)
        var line = Line(intercept: log(share / (1 - share)), slope: 0)
        if variance > 0 {
            let scale = variance.squareRoot()
            let fitted = line.fitted(to: distances.map { ($0 - mean) / scale }, targets)
            if fitted.slope < 0 {
                line = Line(intercept: fitted.intercept - fitted.slope * mean / scale, slope: fitted.slope / scale)
            }
        }
        intercept = line.intercept
        slope = line.slope
        self.smoothed = smoothed
    }

    package func probability(distance: Float) -> Double { Probability.ofLogOdds(intercept + slope * Double(distance)) }
}

/// A line of log odds while it is being fitted.
private struct Line {
    var intercept: Double
    var slope: Double

    /// Where the cross entropy is least.
    func fitted(to x: [Double], _ targets: [Double]) -> Line {
        var line = self
        var loss = line.loss(x, targets)
        for _ in 0..<100 {
            let step = line.newtonStep(x, targets)
            var part = 1.0
            var next = line.moved(by: step, part)
            var nextLoss = next.loss(x, targets)
            while nextLoss > loss, part > 1e-10 {
                part /= 2
                next = line.moved(by: step, part)
                nextLoss = next.loss(x, targets)
            }
            guard nextLoss <= loss else { break }
            (line, loss) = (next, nextLoss)
            if abs(step.intercept) + abs(step.slope) < 1e-12 * (1 + abs(line.intercept) + abs(line.slope)) { break }
        }
        return line
    }

    private func moved(by step: Line, _ part: Double) -> Line {
        Line(intercept: intercept + part * step.intercept, slope: slope + part * step.slope)
    }

    /// Σ −t · log p − (1 − t) · log(1 − p).
    private func loss(_ x: [Double], _ targets: [Double]) -> Double {
        zip(x, targets).reduce(0) { sum, pair in
            let odds = intercept + slope * pair.0
            return sum + max(odds, 0) - pair.1 * odds + log1p(exp(-abs(odds)))
        }
    }

    private func newtonStep(_ x: [Double], _ targets: [Double]) -> Line {
        var (g0, g1, h00, h01, h11) = (0.0, 0.0, 1e-12, 0.0, 1e-12)
        for (x, target) in zip(x, targets) {
            let p = Probability.ofLogOdds(intercept + slope * x)
            let (gap, weight) = (p - target, p * (1 - p))
            g0 += gap
            g1 += gap * x
            h00 += weight
            h01 += weight * x
            h11 += weight * x * x
        }
        let determinant = h00 * h11 - h01 * h01
        return Line(
            intercept: -(h11 * g0 - h01 * g1) / determinant, slope: -(h00 * g1 - h01 * g0) / determinant)
    }
}
