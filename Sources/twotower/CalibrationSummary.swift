import Foundation
import Training
import Verification

/// A calibration as `calibrate` prints it.
struct CalibrationSummary: CustomStringConvertible {
    private let file: CalibrationFile
    private let curve: ROCCurve?

    /// - Parameter table: the list on which it was fitted.
    init(_ file: CalibrationFile, of table: DistanceTable) {
        self.file = file
        curve = ROCCurve(table)
    }

    var description: String {
        let list = file.list
        let people = list.identities.map { ", of \($0) identities" } ?? ""
        let heads = "pairs = \(list.pairs) (\(list.matching) matching, \(list.pairs - list.matching) not)\(people)"
        let missing = file.missing.sorted { $0.key < $1.key }.map { "no \($0.key): \($0.value)" }
        return ([heads, "\(thresholds)", "\(models)"] + shrinkage + missing).joined(separator: "\n")
    }

    private var thresholds: TextTable {
        let kind = file.head == .distance ? "distance" : "1 - p"
        var table = TextTable(["accept when \(kind) is at most", "", "false accepts", "false rejects"])
        table.alignRight(1, 2, 3)
        for name in CalibrationThresholds.names {
            guard let threshold = file.thresholds[name] else { continue }
            let rates = curve.map { curve in
                let index = curve.ranking.index(threshold: threshold)
                return [curve.counts.falseAcceptRate(index), 1 - curve.counts.trueAcceptRate(index)]
            }
            table.add(
                [name, String(format: "%.4f", threshold)] + (rates ?? []).map { String(format: "%.2f %%", 100 * $0) })
        }
        return table
    }

    private var models: TextTable {
        var table = TextTable(["P(match) by", "ECE", "Brier", "ECE, unseen", "Brier, unseen"])
        table.alignRight(1, 2, 3, 4)
        for model in CalibrationModel.allCases {
            guard let quality = file.quality(of: model) else { continue }
            let known = [quality.fitted, quality.crossValidated].map { found in
                found.map { [$0.expectedError, $0.brier].map { String(format: "%.4f", $0) } } ?? ["-", "-"]
            }
            table.add([model.rawValue] + known.flatMap { $0 })
        }
        return table
    }

    private var shrinkage: [String] {
        guard let identities = file.identities else { return [] }
        let share = String(format: "%g", identities.shrinkage.share)
        return [
            "identities = \(identities.identities.count) enrolled, tower \(file.identityTower ?? "?"); covariance of each: "
                + "\(share) of the \(identities.shrinkage.target == .pooled ? "pooled one" : "mean variance")"
        ] + claims
    }

    private var claims: [String] {
        guard let claims = file.claims else { return [] }
        var lines = [
            "claims = \(claims.claims) (\(claims.matching) true, \(claims.claims - claims.matching) not): "
                + String(format: "AUC %.4f, EER %.4f", claims.areaUnderCurve, claims.equalErrorRate)
        ]
        for (name, rate) in CalibrationThresholds.falseAccepts {
            guard let rejects = claims.falseRejects[name] else { continue }
            lines.append(
                String(
                    format: "true claims rejected where %g %% of the others are accepted = %.2f %%", 100 * rate,
                    100 * rejects))
        }
        return lines
    }
}
