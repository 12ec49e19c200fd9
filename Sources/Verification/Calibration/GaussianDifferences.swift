/// P(match) from two multivariate normal densities over the difference of a pair's embeddings, by Bayes' rule.
///
/// One density is of matching pairs, one of the others, each with its mean and shrunk covariance. The means need not be 0: of
/// towers that share nothing, a's embeddings may lie elsewhere than b's. (Densities of differences of both kinds, each about
/// 0, are those of Moghaddam, Jebara and Pentland, "Bayesian face recognition", Pattern Recognition 33, 2000.)
package struct GaussianDifferences: Codable, Equatable, Sendable {
    private let matching: Gaussian
    private let others: Gaussian
    /// The share of pairs that match, before they are seen.
    package var prior: Double

    package var length: Int { matching.length }

    /// - Parameters:
    ///   - differences: embedding a − embedding b of each pair.
    ///   - prior: by default the list's own share of matching pairs.
    package init(differences: EmbeddingRows, isMatch: [Bool], prior: Double? = nil) throws(CalibrationError) {
        precondition(isMatch.count == differences.count, "\(isMatch.count) labels for \(differences.count) pairs")
        func density(_ kind: Bool, _ what: String) throws(CalibrationError) -> Gaussian {
            let rows = differences.rows(isMatch.indices.filter { isMatch[$0] == kind })
            return try Gaussian(ShrunkCovariance(of: rows, what: what), what: what)
        }
        matching = try density(true, "differences of matching pairs")
        others = try density(false, "differences of non-matching pairs")
        self.prior = prior ?? Double(isMatch.count { $0 }) / Double(isMatch.count)
    }

    var isUsable: Bool {
        matching.isUsable && others.isUsable && matching.length == others.length && prior > 0 && prior < 1
    }

    /// log p(difference | match) − log p(difference | no match) of each row.
    package func logLikelihoodRatios(_ differences: EmbeddingRows) -> [Double] {
        zip(matching.logDensities(differences), others.logDensities(differences)).map { $0 - $1 }
    }

    package func probabilities(_ differences: EmbeddingRows) -> [Double] {
        let odds = Probability.logOdds(prior)
        return logLikelihoodRatios(differences).map { Probability.ofLogOdds($0 + odds) }
    }
}
