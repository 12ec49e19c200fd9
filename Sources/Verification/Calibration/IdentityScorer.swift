import Tensors

/// The enrolled identities' densities, ready to judge many images.
package struct IdentityScorer {
    private let length: Int
    private let target: Cholesky
    private let densities: [WhiteDensity]
    private let logImpostors: [Double]
    private let numbers: [String: Int]

    package init(_ model: IdentityDensities) {
        guard let target = model.shrinkage.cholesky, target.size == model.length else {
            preconditionFailure("densities that were not looked at")
        }
        self.target = target
        let length = model.length
        self.length = length
        densities = model.enrolments.map { enrolment in
            var white = enrolment.embeddings.values.map(Double.init)
            target.whiten(&white)
            return WhiteDensity(white, rows: Array(0..<enrolment.images), length: length, share: model.shrinkage.share)
        }
        logImpostors = model.enrolments.map(\.logImpostorDensity)
        numbers = Dictionary(model.identities.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    /// The number of an enrolled identity; nil of others.
    package func number(of identity: String) -> Int? { numbers[identity] }

    /// Rows in the units in which densities are computed.
    package func whitened(_ rows: EmbeddingRows) -> [Double] {
        precondition(rows.length == length, "rows of \(rows.length) against identities of \(length)")
        var white = rows.values.map(Double.init)
        target.whiten(&white)
        return white
    }

    /// log φ_gen of an image under an identity's density.
    package func logDensity(_ white: [Double], row: Int, identity: Int) -> Double {
        densities[identity].logDensity(white[row * length..<(row + 1) * length]) - target.logDeterminant / 2
    }

    /// log φ_gen − log φ_imp: what to order claims by, which P does until it is 0 or 1 in double precision.
    package func logRatio(_ white: [Double], row: Int, identity: Int) -> Double {
        logDensity(white, row: row, identity: identity) - logImpostors[identity]
    }

    /// P = φ_gen / (φ_gen + φ_imp).
    package func probability(_ white: [Double], row: Int, identity: Int) -> Double {
        Probability.ofLogOdds(logRatio(white, row: row, identity: identity))
    }
}
