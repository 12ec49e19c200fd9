import Foundation
package import Tensors

/// What an identity's covariance of a few images is drawn towards, and how far.
///
/// Two targets are tried: the covariance of all enrolment images, or of a background's, around their identities' means (pooled, as in Friedman,
/// "Regularized discriminant analysis", JASA 84, 1989; itself shrunk by Ledoit and Wolf's rule), and that one's mean variance
/// times the identity. Of these and a grid of λ the pair is taken that gives enrolment images the greatest likelihood when
/// each is left out in turn (Hoffbeck and Landgrebe, "Covariance matrix estimation and classification with limited training
/// data", PAMI 18, 1996). For telling people apart the choice matters little between λ of 0.1 and 0.7, and much at 1: with
/// principal components of the AT&T faces (50 numbers, 5 enrolment images, 20 unseen people, 10 splits) false rejects at 10,
/// 7.5 and 5 % false accepts were 1.3, 1.7 and 2.3 % with 0.7 of the pooled one, which is what left-out images chose, 1.2, 1.6
/// and 1.8 % with 0.7 of the other, and 2.0, 2.5 and 3.6 or 3.2, 4.6 and 6.9 % with nothing but the one or the other.
package struct IdentityShrinkage: Codable, Equatable, Sendable {
    package enum Target: String, Codable, Sendable, CaseIterable { case pooled, scaledIdentity }

    /// The tried λ; 0 would leave too few images without a density.
    package static let grid = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1]

    package let target: Target
    /// λ: the target's share.
    package let share: Double
    /// The Cholesky factor of the target's covariance, its lower triangle row after row.
    private let factor: PackedFloats
    /// The mean logarithm of the density at an enrolment image that was left out; nil when both were given.
    package let leftOutLogDensity: Double?

    /// Tries all, or the given target or share only.
    ///
    /// - Parameter background: whose images the targets are made of; by default the enrolled ones.
    package init(
        _ images: IdentityImages, background: IdentityImages? = nil, target: Target? = nil, share: Double? = nil
    ) throws(CalibrationError) {
        let (enrolled, groups) = (images.rows, IdentityGroups(images.identities))
        let many = background ?? images
        guard many.rows.areFinite else { throw .notFinite(what: "embeddings") }
        let pooled = try Self.pooledCovariance(many.rows, IdentityGroups(many.identities))
        var best: (target: Target, share: Double, factor: [Float], score: Double)?
        for candidate in target.map({ [$0] }) ?? Target.allCases {
            let factor = try Self.factor(of: candidate, pooled)
            let scores = Self.leftOut(enrolled, groups, factor: factor, shares: share.map { [$0] } ?? Self.grid)
            for (share, score) in zip(share.map { [$0] } ?? Self.grid, scores) where score > best?.score ?? -.infinity {
                best = (candidate, share, factor.packed, score)
            }
        }
        guard let best else { throw .noSpread(what: "enrolment images of each identity") }
        self.target = best.target
        self.share = best.share
        factor = PackedFloats(best.factor)
        leftOutLogDensity = best.score
    }

    package var cholesky: Cholesky? {
        let length = Int((Double(8 * factor.values.count + 1).squareRoot() - 1) / 2)
        return Cholesky(packed: factor.values, size: length)
    }

    func isUsable(length: Int) -> Bool { share > 0 && share <= 1 && cholesky?.size == length }

    /// The covariance of enrolment images around their own identity's mean.
    private static func pooledCovariance(_ enrolled: EmbeddingRows, _ groups: IdentityGroups) throws(CalibrationError)
        -> ShrunkCovariance
    {
        let what = "enrolment images of one identity"
        let several = groups.rows.filter { $0.count > 1 }
        guard !several.isEmpty else { throw .tooFew(what: what, found: groups.rows.isEmpty ? 0 : 1, needed: 2) }
        let length = enrolled.length
        var residuals: [Double] = []
        for rows in several {
            let mean = Self.mean(enrolled, rows)
            // Of n images around their own mean n − 1 are free, which the scale makes up for.
            let scale = (Double(rows.count) / Double(rows.count - 1)).squareRoot()
            for row in rows { residuals += zip(enrolled[row], mean).map { (Double($0) - $1) * scale } }
        }
        return try ShrunkCovariance(
            centred: residuals, mean: [Double](repeating: 0, count: length), count: residuals.count / length,
            isDiagonal: length > ShrunkCovariance.longestFull, what: what)
    }

    private static func factor(of target: Target, _ pooled: ShrunkCovariance) throws(CalibrationError) -> Cholesky {
        let length = pooled.mean.count
        var matrix = [Double](repeating: 0, count: length * length)
        let mean = pooled.diagonal.reduce(0, +) / Double(length)
        for column in 0..<length {
            matrix[column * length + column] = target == .pooled ? pooled.diagonal[column] : mean
        }
        if target == .pooled, let full = pooled.matrix { matrix = full }
        guard let factor = Cholesky(matrix, size: length) else { throw .noSpread(what: "enrolment images") }
        return factor
    }

    package static func mean(_ enrolled: EmbeddingRows, _ rows: [Int]) -> [Double] {
        var mean = [Double](repeating: 0, count: enrolled.length)
        for row in rows {
            for (column, value) in enrolled[row].enumerated() { mean[column] += Double(value) }
        }
        return mean.map { $0 / Double(rows.count) }
    }

    /// For each share the mean log density of the images that are left out in turn.
    private static func leftOut(
        _ enrolled: EmbeddingRows, _ groups: IdentityGroups, factor: Cholesky, shares: [Double]
    ) -> [Double] {
        let length = enrolled.length
        var white = enrolled.values.map(Double.init)
        factor.whiten(&white)
        var sums = [Double](repeating: 0, count: shares.count)
        var images = 0
        for rows in groups.rows where rows.count > 1 {
            for out in rows {
                let rest = rows.filter { $0 != out }
                let image = white[out * length..<(out + 1) * length]
                images += 1
                for (index, share) in shares.enumerated() {
                    let density = WhiteDensity(white, rows: rest, length: length, share: share)
                    sums[index] += density.logDensity(image) - factor.logDeterminant / 2
                }
            }
        }
        return sums.map { $0 / Double(images) }
    }
}
