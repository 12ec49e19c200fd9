/// The thresholds that a calibration keeps, by name.
package enum CalibrationThresholds {
    /// Where false accepts and false rejects are equally many.
    package static let equalError = "eer"
    /// What judges most pairs of the list rightly.
    package static let bestAccuracy = "best_accuracy"
    /// Those that accept at most these percents of other pairs, as "far_7.5".
    package static let falseAccepts: [(name: String, rate: Double)] = [
        ("far_10", 0.1), ("far_7.5", 0.075), ("far_5", 0.05), ("far_1", 0.01),
    ]

    /// In the order for people.
    package static let names = [equalError, bestAccuracy] + falseAccepts.map(\.name)

    /// All that the list can tell: a rate below one of its non-matching pairs it can't.
    static func all(_ curve: ROCCurve) -> [String: Float] {
        var thresholds = [equalError: curve.equalError.threshold, bestAccuracy: curve.bestAccuracy.threshold]
        for (name, rate) in falseAccepts
        where Measure.trueAccepts(falseAcceptRate: rate).lack(others: curve.counts.allOthers) == nil {
            thresholds[name] = curve.threshold(falseAcceptRate: rate)
        }
        return thresholds
    }
}
