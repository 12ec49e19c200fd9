import Foundation
import Pairs
import Training
import Verification

/// What `twotower evaluate` found, as its JSON file has it; distances of a probability p are 1 - p.
struct Evaluation: Encodable {
    /// Who has chosen the threshold.
    enum Origin: String, Encodable { case given, validation, test }

    /// A threshold that comes from elsewhere than the evaluated pairs.
    struct Choice {
        let distance: Float
        let origin: Origin
        /// Of the validation.
        let lists: [String]
    }

    /// The threshold, and what it does to the evaluated pairs.
    struct Threshold: Encodable {
        let distance: Float
        /// The same for a head that gives probabilities.
        let probability: Float?
        let origin: Origin
        let lists: [String]
        let accuracy: Double
        let falseAcceptRate: Double
        let trueAcceptRate: Double
    }

    let model: String
    let weights: [String]
    let lists: [String]
    let score: PairPass.Score
    /// Pairs with an image that can't be read.
    let leftOut: Int
    let threshold: Threshold
    let verification: PairFigures

    /// - Parameter choice: nil takes the threshold that is best on the pairs themselves.
    init(
        model: String, weights: [String], of pairs: ComparedPairs, threshold choice: Choice?, bootstrap: Bootstrap
    ) throws {
        let curve = try pairs.curve()
        guard
            let figures = PairFigures(
                pairs.table, identities: pairs.identities, threshold: choice?.distance, bootstrap: bootstrap)
        else { preconditionFailure("pairs with a curve and without figures") }
        let distance = choice?.distance ?? curve.bestAccuracy.threshold
        let entry = curve.ranking.index(threshold: distance)
        self.model = model
        self.weights = weights
        lists = pairs.files
        leftOut = pairs.leftOut
        score = pairs.score
        verification = figures
        threshold = Threshold(
            distance: distance, probability: pairs.score == .probability ? 1 - distance : nil,
            origin: choice?.origin ?? .test, lists: choice?.lists ?? [], accuracy: curve.accuracy(threshold: distance),
            falseAcceptRate: curve.counts.falseAcceptRate(entry), trueAcceptRate: curve.counts.trueAcceptRate(entry))
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// For the terminal.
    var text: String {
        var table = TextTable(verification.columns)
        table.alignRight(1, 3)
        for row in verification.rows { table.add(row) }
        let people = verification.identities.map { ", of \($0) identities" } ?? ""
        let left = leftOut > 0 ? "\npairs left out = \(leftOut) (they can't be read)" : ""
        return """
            pairs = \(verification.pairs) (\(verification.matching) matching, \(verification.nonMatching) not\(people))\(left)
            \(table)
            \(thresholdSentence)
            """
    }

    /// Where the threshold comes from and what it does.
    private var thresholdSentence: String {
        let value = threshold.probability ?? threshold.distance
        let accepts = score == .distance ? "distance ≤" : "probability ≥"
        let unit = score == .distance ? "" : "(the table's thresholds are 1 - probability)\n"
        return unit
            + String(
                format:
                    "threshold = %.4f (\(accepts) it is accepted; \(origin)): accuracy %.4f, false accepts %.4f, false "
                    + "rejects %.4f", value, threshold.accuracy, threshold.falseAcceptRate, 1 - threshold.trueAcceptRate
            )
    }

    /// "chosen on valid1.txt and valid2.txt".
    var origin: String {
        switch threshold.origin {
        case .given: "given"
        case .validation: "chosen on \(threshold.lists.joined(separator: " and "))"
        case .test: "chosen on these very pairs, which flatters the accuracy"
        }
    }
}
