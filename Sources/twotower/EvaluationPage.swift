import Foundation
import Pairs
import Training
import Verification

/// Puts what an evaluation found, its curves and its worst errors together for the report.
struct EvaluationPage {
    private let evaluation: Evaluation
    private let pairs: ComparedPairs
    private let training: TrainingCurves?
    private let worst: Int

    /// - Parameter worst: how many errors of each kind are shown.
    init(_ evaluation: Evaluation, of pairs: ComparedPairs, training: TrainingCurves?, worst: Int) {
        self.evaluation = evaluation
        self.pairs = pairs
        self.training = training
        self.worst = worst
    }

    func report() throws -> EvaluationReport {
        let name = URL(filePath: evaluation.model).lastPathComponent
        var report = EvaluationReport(
            title: "Evaluation of \(name)",
            subtitle: "\(evaluation.weights.joined(separator: ", ")) on \(evaluation.lists.joined(separator: " and "))")
        report.score = pairs.score == .distance ? .distance : .probability
        report.facts = facts
        report.figures = measures.compactMap(figure)
        report.remarks = remarks
        let points = try pairs.curve().corners
        report.curve = points.map { .init(falseAccept: $0.falseAcceptRate, trueAccept: $0.trueAcceptRate) }
        report.marks = marks
        let threshold = evaluation.threshold
        report.threshold = .init(
            distance: Double(threshold.distance), origin: evaluation.origin, isFromTest: threshold.origin == .test,
            rates: .init(falseAccept: threshold.falseAcceptRate, trueAccept: threshold.trueAcceptRate))
        report.matching = distances(matching: true)
        report.nonMatching = distances(matching: false)
        report.training = training
        let thumbnailer = Thumbnailer()
        report.falseAccepts = errors(matching: false, thumbnailer)
        report.falseRejects = errors(matching: true, thumbnailer)
        return report
    }

    private var facts: [(name: String, value: String)] {
        let found = evaluation.verification
        let drawn = "\(found.bootstrap.replicates) lists, drawn anew over \(found.resampled.rawValue)"
        return [
            ("net", evaluation.model),
            ("weights", evaluation.weights.joined(separator: ", ")),
            ("lists", evaluation.lists.joined(separator: ", ")),
            ("pairs", "\(found.pairs) (\(found.matching) matching, \(found.nonMatching) not)"),
            (
                "pairs are compared by",
                pairs.score == .distance ? "the distance of embeddings" : "the probability of a match"
            ),
            ("threshold", evaluation.origin),
            ("intervals of 95 %", found.bootstrap.replicates == 0 ? "none" : drawn),
        ] + (found.identities.map { [("identities", "\($0)")] } ?? [])
    }

    private var measures: [Measure] { Measure.usual + [.accuracy(threshold: evaluation.threshold.distance)] }

    /// What a reader of the intervals has to know.
    private var remarks: [String] {
        let left =
            evaluation.leftOut > 0 ? ["\(evaluation.leftOut) pairs are left out: an image of each can't be read."] : []
        guard let count = evaluation.verification.identities, count < Self.fewIdentities,
            evaluation.verification.bootstrap.replicates > 0
        else { return left }
        return left + ["The pairs are of \(count) identities only, so the intervals are rough."]
    }

    private static let fewIdentities = 20

    private func figure(_ measure: Measure) -> EvaluationReport.Figure? {
        let name = measure.name
        guard let figure = evaluation.verification[name] else { return nil }
        let accuracy = evaluation.threshold.origin == .test ? "best_accuracy" : "accuracy"
        return .init(
            Self.title(of: name) ?? figure.title, figure.value, interval: figure.interval.map { $0.low...$0.high },
            meaning: figure.absent ?? Self.meaning(of: measure),
            isKey: ["auc", "eer", "fpr_at_tpr_95", accuracy].contains(name))
    }

    /// Shorter than on the terminal, where there is.
    private static func title(of name: String) -> String? {
        ["best_accuracy": "best accuracy", "accuracy": "accuracy at the threshold"][name]
    }

    private static func meaning(of measure: Measure) -> String {
        switch measure {
        case .areaUnderCurve: "the chance that a matching pair is closer than another"
        case .equalErrorRate: "where as many matching pairs are rejected as others are accepted"
        case .averagePrecision: "the mean precision over all recalls"
        case .falseAccepts(let rate): "others accepted where \(percent(rate))\u{a0}% of the matching pairs are"
        case .trueAccepts(let rate): "matching pairs accepted where at most \(percent(rate))\u{a0}% of the others are"
        case .falseRejects(let rate):
            "matching pairs rejected where at most \(percent(rate))\u{a0}% of the others are accepted"
        case .bestAccuracy: "an upper bound: its threshold is chosen on the pairs that it is tried on"
        case .accuracy: "the share of pairs judged rightly at the report's threshold"
        }
    }

    private static func percent(_ rate: Double) -> String { String(format: "%g", 100 * rate) }

    /// The true accepts at rates of false ones, as the table has them.
    private var marks: [EvaluationReport.Mark] {
        Measure.usual.compactMap { measure in
            guard case .trueAccepts(let rate) = measure, let figure = evaluation.verification[measure.name],
                let value = figure.value
            else { return nil }
            return .init(
                .init(falseAccept: rate, trueAccept: value), interval: figure.interval.map { $0.low...$0.high })
        }
    }

    private func distances(matching: Bool) -> [Double] {
        pairs.table.rows.lazy.filter { $0.isMatch == matching }.map { Double($0.distance) }
    }

    /// The matching pairs that are rejected, the farthest first, or the others that are accepted, the nearest first.
    private func errors(matching: Bool, _ thumbnailer: Thumbnailer) -> [EvaluationReport.Pair] {
        let rows = pairs.table.rows
        let threshold = evaluation.threshold.distance
        let wrong = rows.indices.filter { rows[$0].isMatch == matching && (rows[$0].distance <= threshold) != matching }
        let sorted = wrong.sorted { a, b in
            let (x, y) = (rows[a].distance, rows[b].distance)
            return x == y ? a < b : (x < y) != matching
        }
        return sorted.prefix(worst).map { index in
            .init(
                distance: Double(rows[index].distance), place: "pair \(pairs.index(ofRow: index) + 1)",
                paths: pairs.names(ofRow: index), pictures: pairs.thumbnails(ofRow: index, by: thumbnailer))
        }
    }
}
