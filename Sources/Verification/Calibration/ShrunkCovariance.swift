import Tensors

/// The mean and the covariance of some rows, drawn towards a multiple of the identity as far as the rows are too few.
///
/// (1 − s) · S + s · μ · I with S the covariance (divided by n), μ the mean of its diagonal, and s by Ledoit and Wolf, "A
/// well-conditioned estimator for large-dimensional covariance matrices" (Journal of Multivariate Analysis 88, 2004): positive
/// definite for any number of rows, as scikit-learn's `LedoitWolf`. Longer rows than `longestFull` get a diagonal covariance,
/// whose variances are drawn towards their mean by the same rule.
package struct ShrunkCovariance: Sendable {
    /// A full matrix of 512 is 1 MB in the calibration file; of 4096, 67 MB.
    package static let longestFull = 512

    package let mean: [Double]
    /// length × length; nil of a diagonal covariance.
    package let matrix: [Double]?
    package let diagonal: [Double]
    /// How far it is drawn, from 0 to 1.
    package let shrinkage: Double

    /// - Parameters:
    ///   - what: The rows' name in errors, "differences of matching pairs".
    ///   - isDiagonal: Whether to leave out all covariances; by default of long rows.
    package init(of rows: EmbeddingRows, what: String, isDiagonal: Bool? = nil) throws(CalibrationError) {
        guard rows.count >= 2 else { throw .tooFew(what: what, found: rows.count, needed: 2) }
        guard rows.areFinite else { throw .notFinite(what: what) }
        let (count, length) = (rows.count, rows.length)
        var mean = [Double](repeating: 0, count: length)
        for row in 0..<count {
            for (column, value) in rows[row].enumerated() { mean[column] += Double(value) }
        }
        for column in 0..<length { mean[column] /= Double(count) }
        var centred = rows.values.map(Double.init)
        for index in centred.indices { centred[index] -= mean[index % length] }
        try self.init(
            centred: centred, mean: mean, count: count, isDiagonal: isDiagonal ?? (length > Self.longestFull),
            what: what)
    }

    /// Of rows whose mean is 0, or whose means have been taken away.
    ///
    /// - Parameter mean: what is kept as the mean.
    init(centred: [Double], mean: [Double], count: Int, isDiagonal: Bool, what: String) throws(CalibrationError) {
        let length = mean.count
        var diagonal = [Double](repeating: 0, count: length)
        for index in centred.indices { diagonal[index % length] += centred[index] * centred[index] }
        for column in 0..<length { diagonal[column] /= Double(count) }
        let target = diagonal.reduce(0, +) / Double(length)
        guard target > 0 else { throw .noSpread(what: what) }
        var matrix = isDiagonal ? nil : BLAS.gram(centred, columns: length).map { $0 / Double(count) }
        let sizes =
            isDiagonal
            ? Self.sizes(ofVariances: diagonal, centred, count: count)
            : Self.sizes(of: matrix ?? [], centred, count: count, length: length)
        // How far S is from the target, and how much of that is by chance.
        let distance = sizes.squares - Double(length) * target * target
        let chance = min((sizes.fourth / Double(count) - sizes.squares) / Double(count), distance)
        let shrinkage = chance > 0 ? chance / distance : 0
        for column in 0..<length {
            diagonal[column] = (1 - shrinkage) * diagonal[column] + shrinkage * target
        }
        if let covariance = matrix {
            var drawn = covariance.map { (1 - shrinkage) * $0 }
            for column in 0..<length { drawn[column * length + column] = diagonal[column] }
            matrix = drawn
        }
        self.mean = mean
        self.matrix = matrix
        self.diagonal = diagonal
        self.shrinkage = shrinkage
    }

    /// Σ S_jk² over the matrix, and Σ |x|⁴ over the rows x.
    private static func sizes(of matrix: [Double], _ centred: [Double], count: Int, length: Int) -> (
        squares: Double, fourth: Double
    ) {
        let fourth = (0..<count).reduce(0.0) { sum, row in
            let square = centred[row * length..<(row + 1) * length].reduce(0) { $0 + $1 * $1 }
            return sum + square * square
        }
        return (matrix.reduce(0) { $0 + $1 * $1 }, fourth)
    }

    /// The same when all covariances are left out: Σ S_jj², and Σ x_j⁴.
    private static func sizes(ofVariances diagonal: [Double], _ centred: [Double], count: Int) -> (
        squares: Double, fourth: Double
    ) {
        (diagonal.reduce(0) { $0 + $1 * $1 }, centred.reduce(0) { $0 + $1 * $1 * $1 * $1 })
    }
}
