import Foundation
import Pairs
import TestSupport
import Verification

/// A report with every part, of numbers made up for tests.
enum SampleReport {
    static func make(_ score: EvaluationReport.Score = .distance) throws -> EvaluationReport {
        var report = EvaluationReport(title: "Evaluation of <small> & \"large\"", subtitle: "net 'a' with weights b")
        report.score = score
        report.facts = [("net", "train_val.prototxt"), ("pairs", "200 (100 matching, 100 not)")]
        report.remarks = ["3 pairs are left out."]
        report.matching = (0..<100).map { pow(Double($0) / 99, 3) * 0.8 }
        report.nonMatching = (0..<100).map { 1 - pow(Double($0) / 99, 2) * 0.7 }
        let distances = (report.matching + report.nonMatching).sorted()
        report.curve = ([-1] + distances).map { rates(at: $0, report) }
        report.threshold = .init(
            distance: 0.4, origin: "chosen on a validation list", isFromTest: false, rates: rates(at: 0.4, report))
        report.figures = [
            .init("AUC", 0.97, interval: 0.95...0.985, meaning: "the area", isKey: true),
            .init("TAR at FAR 10⁻⁴", nil, meaning: "too few pairs"),
        ]
        report.marks = [.init(rates(at: 0.4, report), interval: 0.6...0.9)]
        report.training = TrainingCurves(Data(metrics.utf8))
        report.falseAccepts = [pair(0.31, ["a<1>.png", "b.png"]), pair(0.35, ["c.png"])]
        report.falseRejects = [pair(0.79, ["d.png", "e.png"])]
        report.reliability = [
            .init(name: "logistic", bins: [.init(predicted: 0.2, observed: 0.25, count: 10)]),
            .init(name: "isotonic", bins: [.init(predicted: 0.7, observed: 0.65, count: 9)]),
        ]
        return report
    }

    private static func rates(at threshold: Double, _ report: EvaluationReport) -> EvaluationReport.Rates {
        .init(
            falseAccept: Double(report.nonMatching.count { $0 <= threshold }) / 100,
            trueAccept: Double(report.matching.count { $0 <= threshold }) / 100)
    }

    private static func pair(_ distance: Double, _ paths: [String]) -> EvaluationReport.Pair {
        let png = PNGFile.make(width: 2, height: 2, colorType: 0, samples: [0, 80, 160, 255])
        return .init(
            distance: distance, place: "line 7", paths: paths,
            pictures: [.png(png), .missing("b.png: can't read the image: no such file & so on")])
    }

    private static var metrics: String {
        stride(from: 0, through: 400, by: 20).map { iteration in
            let loss = exp(-Double(iteration) / 50)
            return """
                {"iteration":\(iteration),"loss":\(loss),"phase":"train","smoothed_loss":\(loss)}
                {"iteration":\(iteration),"outputs":{"accuracy":[\(1 - loss / 2)]},"phase":"test 0"}

                """
        }.joined()
    }
}
