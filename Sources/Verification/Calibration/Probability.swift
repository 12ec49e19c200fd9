import Foundation

/// Probabilities and their log odds.
package enum Probability {
    /// 1 / (1 + e^(−x)), without overflow.
    package static func ofLogOdds(_ odds: Double) -> Double {
        odds >= 0 ? 1 / (1 + exp(-odds)) : exp(odds) / (1 + exp(odds))
    }

    package static func logOdds(_ probability: Double) -> Double { log(probability) - log1p(-probability) }

    /// log(Σ e^x / n), without overflow; −∞ of nothing.
    package static func logMeanExp(_ values: some Collection<Double>) -> Double {
        guard let largest = values.max(), largest > -.infinity else { return -.infinity }
        return largest + log(values.reduce(0) { $0 + exp($1 - largest) } / Double(values.count))
    }

    /// A probability for a world in which another share of the pairs match.
    ///
    /// Bayes' rule with the same densities (Saerens, Latinne and Decaestecker, Neural Computation 14, 2002).
    package static func moved(_ probability: Double, fromPrior: Double, toPrior: Double) -> Double {
        if probability <= 0 || probability >= 1 { return probability }
        return ofLogOdds(logOdds(probability) + logOdds(toPrior) - logOdds(fromPrior))
    }
}
