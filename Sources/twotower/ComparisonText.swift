import Foundation
import Training

/// Comparisons as lines for people or programs.
struct ComparisonText {
    private let verdict: Verdict
    private let isJSON: Bool
    /// One pair was asked for: a line for each of its figures.
    private let isSingle: Bool
    private let encoder = JSONEncoder()

    init(_ verdict: Verdict, json: Bool, isSingle: Bool) {
        self.verdict = verdict
        isJSON = json
        self.isSingle = isSingle
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    private struct Line: Encodable {
        let a: String
        let b: String
        var distance: Float?
        var threshold: Float?
        var match: Bool?
        var probability: Double?
        var error: String?
    }

    /// The text of one pair, with the end of its last line.
    func text(_ comparison: PairComparer.Comparison) throws -> String {
        var line = Line(a: comparison.pair.a, b: comparison.pair.b)
        switch comparison.outcome {
        case .success(let scored):
            let judged = verdict.judge(scored)
            line.distance = judged.distance
            line.threshold = verdict.threshold
            line.match = judged.isMatch
            line.probability = judged.probability
        case .failure(let fault): line.error = "\(fault)"
        }
        if isJSON { return String(decoding: try encoder.encode(line), as: UTF8.self) + "\n" }
        return isSingle ? Self.many(line, origin: verdict.origin) : Self.one(line)
    }

    private static func many(_ line: Line, origin: String?) -> String {
        if let error = line.error { return "error = \(error)\n" }
        return [
            line.distance.map { "distance = \(number(Double($0)))" },
            line.threshold.map { "threshold = \(number(Double($0))) (\(origin ?? ""))" },
            line.match.map { "verdict = \(word($0))" },
            line.probability.map { "probability = \(number($0))" },
        ].compactMap { $0.map { $0 + "\n" } }.joined()
    }

    private static func one(_ line: Line) -> String {
        let pair = "\(line.a)\t\(line.b)\t"
        if let error = line.error { return pair + "error\t\(error.replacing("\n", with: " "))\n" }
        let distance = line.distance.map { number(Double($0)) } ?? "-"
        return pair + "\(distance)\t\(line.match.map(word) ?? "-")\t\(line.probability.map(number) ?? "-")\n"
    }

    private static func word(_ isMatch: Bool) -> String { isMatch ? "match" : "no match" }

    private static func number(_ value: Double) -> String { String(format: "%.4g", value) }
}
