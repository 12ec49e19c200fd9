import Foundation
import Tensors

/// A multivariate normal density, by its mean and the Cholesky factor of its covariance.
///
/// Kept in single precision, in memory as in its file, so that both give the same densities; computed in double.
package struct Gaussian: Codable, Equatable, Sendable {
    package let length: Int
    private let mean: PackedFloats
    /// The factor's lower triangle, row after row; of a diagonal covariance the standard deviations.
    private let factor: PackedFloats
    private let isDiagonal: Bool

    package init(_ covariance: ShrunkCovariance, what: String) throws(CalibrationError) {
        length = covariance.mean.count
        mean = PackedFloats(covariance.mean.map { Float($0) })
        isDiagonal = covariance.matrix == nil
        if let matrix = covariance.matrix {
            guard let factor = Cholesky(matrix, size: length) else { throw .noSpread(what: what) }
            self.factor = PackedFloats(factor.packed)
        } else {
            guard covariance.diagonal.allSatisfy({ $0 > 0 }) else { throw .noSpread(what: what) }
            factor = PackedFloats(covariance.diagonal.map { Float($0.squareRoot()) })
        }
    }

    /// Whether what a file held can be a density.
    package var isUsable: Bool {
        let sizes = factor.values.count == (isDiagonal ? length : length * (length + 1) / 2)
        guard length > 0, mean.values.count == length, sizes, mean.values.allSatisfy(\.isFinite) else { return false }
        if isDiagonal { return factor.values.allSatisfy { $0.isFinite && $0 > 0 } }
        return Cholesky(packed: factor.values, size: length) != nil
    }

    /// The logarithm of the density at each row.
    package func logDensities(_ rows: EmbeddingRows) -> [Double] {
        precondition(rows.length == length, "rows of \(rows.length) in a density over \(length)")
        let mean = mean.values.map(Double.init)
        var centred = rows.values.map(Double.init)
        for index in centred.indices { centred[index] -= mean[index % length] }
        let logScale: Double
        if isDiagonal {
            let scales = factor.values.map(Double.init)
            for index in centred.indices { centred[index] /= scales[index % length] }
            logScale = scales.reduce(0) { $0 + log($1) }
        } else {
            guard let factor = Cholesky(packed: factor.values, size: length) else {
                preconditionFailure("a factor that was not looked at")
            }
            factor.whiten(&centred)
            logScale = factor.logDeterminant / 2
        }
        let constant = -logScale - Double(length) / 2 * log(2 * .pi)
        return (0..<rows.count).map { row in
            constant - centred[row * length..<(row + 1) * length].reduce(0) { $0 + $1 * $1 } / 2
        }
    }
}
