/// How well an identity's density tells true claims from false ones, at any threshold of φ_gen / φ_imp.
package struct ClaimFigures: Codable, Equatable, Sendable {
    package let claims: Int
    package let matching: Int
    package let areaUnderCurve: Double
    package let equalErrorRate: Double
    /// By the names of `CalibrationThresholds.falseAccepts`: the share of true claims rejected where at most so many false
    /// ones are accepted; without the rates that so few claims can't show.
    package let falseRejects: [String: Double]
    /// By the same names: the least log φ_gen − log φ_imp that is accepted there.
    package let thresholds: [String: Double]

    /// nil without true or without false claims.
    ///
    /// - Parameter logRatios: log φ_gen − log φ_imp of each claim, which orders them even where P is 0 or 1.
    init?(logRatios: [Double], isMatch: [Bool]) {
        let rows = zip(logRatios, isMatch).map { DistanceTable.Row(distance: Float(-$0), isMatch: $1) }
        guard let curve = ROCCurve(DistanceTable(rows)) else { return nil }
        let counts = curve.counts
        claims = rows.count
        matching = counts.allMatches
        areaUnderCurve = counts.areaUnderCurve
        equalErrorRate = counts.equalError.rate
        var (falseRejects, thresholds): ([String: Double], [String: Double]) = ([:], [:])
        for (name, rate) in CalibrationThresholds.falseAccepts {
            let measure = Measure.falseRejects(falseAcceptRate: rate)
            guard measure.lack(others: counts.allOthers) == nil else { continue }
            falseRejects[name] = measure.value(of: counts).value
            let farthest = curve.threshold(falseAcceptRate: rate)
            // Where even the nearest false claim is too many, nothing is accepted.
            thresholds[name] = farthest.isFinite ? Double(-farthest) : nil
        }
        self.falseRejects = falseRejects
        self.thresholds = thresholds
    }
}
