import Foundation
import Training
import Verification

/// Turns what a net says of a pair into a distance, a verdict and a probability.
struct Verdict {
    /// A pair is accepted up to this distance; nil where nobody has said.
    let threshold: Float?
    /// "best_accuracy of w.calibration.json", "--threshold".
    let origin: String?
    private let calibration: CalibrationFile?
    private let prior: Double?
    private let score: PairPass.Score

    /// What is wrong with thresholds and calibrations.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameters:
    ///   - calibration: as given; nil takes the one beside the weights, if there is one.
    ///   - threshold: a number, the name of one of the calibration's, or nil for that of the best accuracy.
    ///   - prior: the share of pairs that match where the net is used; nil for that of the calibration's list.
    init(
        score: PairPass.Score, weights: [String], calibration given: String?, threshold: String?, prior: Double? = nil
    ) throws {
        self.score = score
        self.prior = prior
        let chosen = try ChosenCalibration(given, weights: weights)
        let path = chosen?.path
        calibration = chosen?.file
        if let calibration, (calibration.head == .distance) != (score == .distance) {
            throw Fault(description: "\(path ?? "") is of a net with another head; calibrate this net")
        }
        if prior != nil, calibration == nil {
            throw Fault(
                description: "--prior needs a calibration, whose list says how many pairs matched there; make one with "
                    + "twotower calibrate")
        }
        if let text = threshold, let number = Float(text) {
            guard number.isFinite else { throw Fault(description: "--threshold \(text): give a number") }
            self.threshold = score == .distance ? number : 1 - number
            origin = "--threshold"
            return
        }
        let name = threshold ?? CalibrationThresholds.bestAccuracy
        guard let calibration, let path else {
            if let threshold {
                throw Fault(
                    description:
                        "--threshold \(threshold): there is no calibration beside the weights that has "
                        + "it; give a number, or make one with twotower calibrate")
            }
            // A softmax chooses the likelier class.
            self.threshold = score == .probability ? 0.5 : nil
            origin = score == .probability ? "the likelier class" : nil
            return
        }
        guard let found = calibration.thresholds[name] else {
            let known = CalibrationThresholds.names.filter { calibration.thresholds[$0] != nil }
            throw Fault(
                description:
                    "--threshold \(name): \(path) has no such threshold; it has \(known.joined(separator: ", "))")
        }
        self.threshold = found
        origin = "\(name) of \(path)"
    }

    /// What is printed of one pair.
    struct Judged {
        let distance: Float
        let isMatch: Bool?
        let probability: Double?
    }

    func judge(_ scored: PairComparer.Scored) -> Judged {
        let distance = score == .distance ? scored.value : 1 - scored.value
        let difference =
            scored.difference.isEmpty ? nil : EmbeddingRows(scored.difference, length: scored.difference.count)
        let calibrated = calibration.map { calibration in
            let probability = calibration.probability(distance: distance, difference: difference)
            guard let prior else { return probability }
            let share = Double(calibration.list.matching) / Double(calibration.list.pairs)
            return Probability.moved(probability, fromPrior: share, toPrior: prior)
        }
        return Judged(
            distance: distance, isMatch: threshold.map { distance <= $0 },
            probability: calibrated ?? (score == .probability ? Double(scored.value) : nil))
    }
}
