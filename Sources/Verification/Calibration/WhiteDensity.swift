import Foundation
import Tensors

/// A normal density with covariance λ · I + (1 − λ) · S, S being the covariance of a few rows.
///
/// With n rows in d dimensions everything is found in n × n (the identities of Woodbury and of Sylvester): R holds the rows
/// less their mean, c = (1 − λ) / (n − 1), K = I + c/λ · R Rᵀ; the determinant is λ^d · |K|, and the squared distance of z is
/// (|z|² − c/λ · (R z)ᵀ K⁻¹ (R z)) / λ.
struct WhiteDensity {
    private let mean: [Double]
    /// R, row after row.
    private let residuals: [Double]
    private let inner: Cholesky
    private let share: Double
    private let weight: Double
    private let constant: Double

    /// - Parameters:
    ///   - white: Rows in units of the target's factor.
    ///   - share: λ.
    init(_ white: [Double], rows: [Int], length: Int, share: Double) {
        var mean = [Double](repeating: 0, count: length)
        for row in rows {
            for column in 0..<length { mean[column] += white[row * length + column] / Double(rows.count) }
        }
        // A single image, or a share of 1, says nothing of its own covariance.
        let own = rows.count > 1 && share < 1
        residuals = own ? rows.flatMap { row in (0..<length).map { white[row * length + $0] - mean[$0] } } : []
        weight = own ? (1 - share) / Double(rows.count - 1) / share : 0
        let count = own ? rows.count : 0
        var matrix = [Double](repeating: 0, count: count * count)
        for a in 0..<count {
            for b in 0...a {
                var product = 0.0
                for column in 0..<length { product += residuals[a * length + column] * residuals[b * length + column] }
                matrix[a * count + b] = weight * product + (a == b ? 1 : 0)
            }
        }
        guard let inner = Cholesky(matrix, size: count) else { preconditionFailure("I + R Rᵀ is positive definite") }
        self.inner = inner
        self.mean = mean
        // What has no covariance of its own has the target's in full.
        self.share = own ? share : 1
        constant = -(Double(length) * (log(2 * .pi) + log(self.share)) + inner.logDeterminant) / 2
    }

    /// Of a row in the same units; the density in the units before is this less half the target's log determinant.
    func logDensity(_ row: ArraySlice<Double>) -> Double {
        let z = zip(row, mean).map { $0 - $1 }
        var square = z.reduce(0) { $0 + $1 * $1 }
        if inner.size > 0 {
            var products = (0..<inner.size).map { index in
                var product = 0.0
                for column in z.indices { product += residuals[index * z.count + column] * z[column] }
                return product
            }
            inner.whiten(&products)
            square -= weight * products.reduce(0) { $0 + $1 * $1 }
        }
        return constant - square / share / 2
    }
}
