package import Pairs

/// What the evaluation of a net on a list of pairs found, as one HTML page: figures, curves, and the worst errors as pictures.
///
/// Everything comes in as plain numbers; distances are those by which pairs are accepted, smaller is more similar.
package struct EvaluationReport {
    /// By what pairs are judged: a distance, or the probability p of a match, whose distance is 1 - p.
    package enum Score: Sendable { case distance, probability }

    /// A figure with its interval of 95 %, and what it says in a few words.
    package struct Figure {
        package let name: String
        package let value: Double?
        package let interval: ClosedRange<Double>?
        package let meaning: String
        /// Whether it stands in large type at the top.
        package let isKey: Bool

        package init(
            _ name: String, _ value: Double?, interval: ClosedRange<Double>? = nil, meaning: String, isKey: Bool = false
        ) {
            self.name = name
            self.value = value
            self.interval = interval
            self.meaning = meaning
            self.isKey = isKey
        }
    }

    /// A point of the ROC curve, as shares of the non-matching and of the matching pairs.
    package struct Rates: Equatable, Sendable {
        package let falseAccept: Double
        package let trueAccept: Double

        package init(falseAccept: Double, trueAccept: Double) {
            self.falseAccept = falseAccept
            self.trueAccept = trueAccept
        }
    }

    /// A rate that is marked on the curve with its interval: the true accepts at some rate of false ones.
    package struct Mark {
        package let rates: Rates
        package let interval: ClosedRange<Double>?

        package init(_ rates: Rates, interval: ClosedRange<Double>?) {
            self.rates = rates
            self.interval = interval
        }
    }

    package struct Threshold {
        package let distance: Double
        /// Where it comes from: "chosen on the validation list".
        package let origin: String
        /// Whether it was chosen on the very pairs that it is tried on, which makes its figures look better.
        package let isFromTest: Bool
        package let rates: Rates

        package init(distance: Double, origin: String, isFromTest: Bool, rates: Rates) {
            self.distance = distance
            self.origin = origin
            self.isFromTest = isFromTest
            self.rates = rates
        }
    }

    /// A pair that was judged wrongly.
    package struct Pair {
        package let distance: Double
        /// The line of the lists, or the record, that it is.
        package let place: String
        package let paths: [String]
        package let pictures: [Thumbnail]

        package init(distance: Double, place: String, paths: [String], pictures: [Thumbnail]) {
            self.distance = distance
            self.place = place
            self.paths = paths
            self.pictures = pictures
        }
    }

    /// How a calibration's probabilities agree with what is so.
    package struct Reliability {
        package struct Bin {
            package let predicted: Double
            package let observed: Double
            package let count: Int

            package init(predicted: Double, observed: Double, count: Int) {
                self.predicted = predicted
                self.observed = observed
                self.count = count
            }
        }

        package let name: String
        package let bins: [Bin]

        package init(name: String, bins: [Bin]) {
            self.name = name
            self.bins = bins
        }
    }

    package var title: String
    package var subtitle: String
    package var score = Score.distance
    /// Net, weights, lists, counts.
    package var facts: [(name: String, value: String)] = []
    /// Sentences that a reader has to know: pairs left out, few pairs.
    package var remarks: [String] = []
    package var figures: [Figure] = []
    package var curve: [Rates] = []
    package var marks: [Mark] = []
    package var threshold: Threshold?
    package var matching: [Double] = []
    package var nonMatching: [Double] = []
    package var training: TrainingCurves?
    package var falseAccepts: [Pair] = []
    package var falseRejects: [Pair] = []
    package var reliability: [Reliability] = []

    package init(title: String, subtitle: String) {
        self.title = title
        self.subtitle = subtitle
    }

    /// The whole page.
    package func html() -> String {
        let warnings = remarks.map { HTMLPage.paragraph($0, "warning") }.joined()
        let origin = threshold.map { threshold in
            threshold.isFromTest
                ? HTMLPage.paragraph(
                    "The threshold was chosen on the very pairs that it is tried on, so the figures at it are better "
                        + "than those to expect on others. Give a validation list to choose it there.", "warning")
                : ""
        }
        return HTMLPage.make(
            title: title, subtitle: subtitle,
            body: tiles + warnings + (origin ?? "") + HTMLPage.facts(facts) + table + roc + histogram + calibration
                + curves + errors)
    }

    /// A distance as it is shown: itself, or the probability that it stands for.
    func shown(_ distance: Double) -> Double { score == .distance ? distance : 1 - distance }

    var scoreName: String { score == .distance ? "distance" : "probability of a match" }
}
