import Nets
import Training
import Verification

/// Judges claims by a calibration's densities.
struct ClaimJudge {
    let tower: TowerSplit.Half
    private let path: String
    private let file: CalibrationFile
    private let scorer: IdentityScorer
    /// The least log φ_gen − log φ_imp that is accepted.
    private let threshold: Double

    struct Judged {
        let identity: String
        /// nil of an identity that is not enrolled, as the others.
        let match: Bool?
        let probability: Double?
        let logRatio: Double?
    }

    /// A calibration, or a list, that can judge no claims.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameters:
    ///   - calibration: as given; nil takes the one beside the weights.
    ///   - threshold: a probability, or the name of a rate of false accepts.
    init(calibration: String?, weights: [String], threshold text: String) throws {
        guard let chosen = try ChosenCalibration(calibration, weights: weights) else {
            throw Fault(
                description: "there is no calibration beside the weights; make one with twotower calibrate --enrol")
        }
        (path, file) = (chosen.path, chosen.file)
        guard let densities = file.identities, let half = TowerSplit.Half(argument: file.identityTower ?? "b") else {
            throw Fault(
                description: "\(path) has no enrolled identities; make it anew with twotower calibrate --enrol")
        }
        tower = half
        scorer = IdentityScorer(densities)
        if let probability = Double(text) {
            threshold = Probability.logOdds(probability)
        } else if let known = file.claims?.thresholds[text] {
            threshold = known
        } else {
            let names = (file.claims?.thresholds.keys).map { $0.sorted().joined(separator: ", ") } ?? ""
            throw Fault(
                description: "--threshold \(text): \(path) has no such threshold of claims; it has "
                    + (names.isEmpty ? "none" : names))
        }
    }

    func check(length: Int) throws { try file.check(length: length, file: path) }

    /// - Parameter labels: the numbers of the identities that the images claim.
    func judge(_ rows: EmbeddingRows, _ labels: [Float]) -> [Judged] {
        let white = scorer.whitened(rows)
        return labels.enumerated().map { row, label in
            let identity = Int(exactly: label).map(String.init) ?? "\(label)"
            guard let number = scorer.number(of: identity) else {
                return Judged(identity: identity, match: nil, probability: nil, logRatio: nil)
            }
            let ratio = scorer.logRatio(white, row: row, identity: number)
            return Judged(
                identity: identity, match: ratio >= threshold, probability: Probability.ofLogOdds(ratio),
                logRatio: ratio)
        }
    }
}
