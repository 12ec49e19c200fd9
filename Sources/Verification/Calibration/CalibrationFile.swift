package import Foundation

/// All that turns the distances of one net with certain weights into verdicts and probabilities, as JSON beside the weights.
///
/// Many numbers stand there as base64 of little-endian float32.
package struct CalibrationFile: Codable, Equatable, Sendable {
    /// The one that is written, and the only one that is read.
    package static let version = 1

    /// What the net ends in.
    package enum Head: String, Codable, Sendable {
        /// The distance of two embeddings, as under a contrastive loss.
        case distance
        /// A softmax's probability p that the pair matches, which enters as distance 1 − p.
        case probability
    }

    /// The weights that a calibration belongs to.
    package struct Weights: Codable, Equatable, Sendable {
        /// Without its folder.
        package let file: String
        /// XXH64 of its bytes, in hexadecimal: what `xxhsum -H64` prints.
        package let checksum: String

        package init(file: String, checksum: String) {
            self.file = file
            self.checksum = checksum
        }
    }

    /// The list on which all was fitted.
    package struct List: Codable, Equatable, Sendable {
        package let pairs: Int
        package let matching: Int
        package let identities: Int?
    }

    /// How good a model's probabilities are: on the list that it was fitted on, and on halves that it had not seen.
    package struct Quality: Codable, Equatable, Sendable {
        package let fitted: CalibrationQuality
        /// nil where a half of the list is too little to fit on.
        package let crossValidated: CalibrationQuality?
    }

    package private(set) var version = Self.version
    package let weights: Weights
    package let head: Head
    /// How many numbers an embedding has; nil of nets whose head compares none.
    package let embeddingLength: Int?
    package let list: List
    /// Accept when distance ≤ threshold; by the names of `CalibrationThresholds`.
    package let thresholds: [String: Float]
    package let logistic: LogisticCalibration
    package let isotonic: IsotonicCalibration
    package let gaussians: GaussianDifferences?
    package let identities: IdentityDensities?
    /// How well these judge the list's claims.
    package let claims: ClaimFigures?
    /// Which tower the enrolment images of `identities` went through: "a" or "b".
    package let identityTower: String?
    /// By `CalibrationModel`.
    package let quality: [String: Quality]
    /// Why a model is missing that was asked for.
    package let missing: [String: String]

    package init(_ fit: CalibrationFit, weights: Weights, head: Head, identityTower: String? = nil) {
        self.weights = weights
        self.head = head
        embeddingLength = fit.gaussians?.length ?? fit.identities?.length ?? fit.embeddingLength
        list = fit.list
        thresholds = fit.thresholds
        logistic = fit.logistic
        isotonic = fit.isotonic
        gaussians = fit.gaussians
        identities = fit.identities
        claims = fit.claims
        self.identityTower = fit.identities == nil ? nil : identityTower
        quality = Dictionary(uniqueKeysWithValues: fit.quality.map { ($0.key.rawValue, $0.value) })
        missing = Dictionary(uniqueKeysWithValues: fit.missing.map { ($0.key.rawValue, $0.value) })
    }

    package func quality(of model: CalibrationModel) -> Quality? { quality[model.rawValue] }

    /// Of the models that judge a pair alone the one with the least Brier score on unseen halves.
    package var best: CalibrationModel {
        let judged = [CalibrationModel.logistic, .isotonic, .gaussians].compactMap { model in
            quality(of: model)?.crossValidated.map { (model, $0.brier) }
        }
        return judged.min { $0.1 < $1.1 }?.0 ?? .logistic
    }

    /// P(match) of a pair by the best model, or by the best on distances where the embeddings are not at hand.
    ///
    /// - Parameter difference: embedding a − embedding b.
    package func probability(distance: Float, difference: EmbeddingRows? = nil) -> Double {
        switch best {
        case .gaussians:
            if let gaussians, let difference { return gaussians.probabilities(difference)[0] }
            return logistic.probability(distance: distance)
        case .isotonic: return isotonic.probability(distance: distance)
        default: return logistic.probability(distance: distance)
        }
    }

    /// "x/w.caffemodel" → "x/w.calibration.json".
    package static func path(besideWeights weights: String) -> String {
        let suffix = ".caffemodel"
        return (weights.hasSuffix(suffix) ? String(weights.dropLast(suffix.count)) : weights) + ".calibration.json"
    }

    /// The text of the file.
    package func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }
}
