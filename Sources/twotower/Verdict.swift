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
    private let score: PairPass.Score

    /// What is wrong with thresholds and calibrations.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameters:
    ///   - calibration: as given; nil takes the one beside the weights, if there is one.
    ///   - threshold: a number, the name of one of the calibration's, or nil for that of the best accuracy.
    init(score: PairPass.Score, weights: [String], calibration given: String?, threshold: String?) throws {
        self.score = score
        let beside = CalibrationFile.path(besideWeights: weights.last ?? "")
        let path = given ?? (FileManager.default.fileExists(atPath: beside) ? beside : nil)
        calibration = try path.map { path in
            let file = try CalibrationFile(contentsOf: path)
            try file.check(weights: try .init(contentsOf: weights), file: path)
            return file
        }
        if let calibration, (calibration.head == .distance) != (score == .distance) {
            throw Fault(description: "\(path ?? "") is of a net with another head; calibrate this net")
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
                        "--threshold \(threshold): there is no calibration beside the weights (\(beside)) that has "
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
        let calibrated = calibration?.probability(distance: distance, difference: difference)
        return Judged(
            distance: distance, isMatch: threshold.map { distance <= $0 },
            probability: calibrated ?? (score == .probability ? Double(scored.value) : nil))
    }
}
