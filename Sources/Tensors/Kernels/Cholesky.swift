import CBLAS
import Foundation

/// The lower triangle L with L · Lᵀ = A of a positive definite matrix A, in double precision, as dense rows.
///
/// What multivariate normal densities need: A's determinant, and rows made "white" by L⁻¹. By our own loops, since A is
/// decomposed once; the rows are many and go through OpenBLAS.
package struct Cholesky: Sendable {
    package let size: Int
    /// size × size; zeros above the diagonal.
    package let lower: [Double]

    /// nil when the matrix, of which only the lower triangle is read, is not positive definite within rounding.
    package init?(_ matrix: [Double], size: Int) {
        precondition(matrix.count == size * size, "\(matrix.count) numbers for a \(size)×\(size) matrix")
        var lower = [Double](repeating: 0, count: size * size)
        for row in 0..<size {
            for column in 0...row {
                var rest = matrix[row * size + column]
                for k in 0..<column { rest -= lower[row * size + k] * lower[column * size + k] }
                if column < row {
                    lower[row * size + column] = rest / lower[column * size + column]
                } else {
                    guard rest.isFinite, rest > matrix[row * size + row] * 1e-14, rest > 0 else { return nil }
                    lower[row * size + row] = rest.squareRoot()
                }
            }
        }
        self.size = size
        self.lower = lower
    }

    /// From a lower triangle that is known, its rows one after the other without what is above the diagonal.
    ///
    /// nil when their number is wrong, or a number of the diagonal is not above 0.
    package init?(packed: [Float], size: Int) {
        guard packed.count == size * (size + 1) / 2, packed.allSatisfy(\.isFinite) else { return nil }
        var lower = [Double](repeating: 0, count: size * size)
        var next = 0
        for row in 0..<size {
            for column in 0...row { lower[row * size + column] = Double(packed[next + column]) }
            next += row + 1
            guard lower[row * size + row] > 0 else { return nil }
        }
        self.size = size
        self.lower = lower
    }

    /// The rows of the lower triangle one after the other, in single precision.
    package var packed: [Float] {
        (0..<size).flatMap { row in lower[row * size...row * size + row].map { Float($0) } }
    }

    /// The logarithm of A's determinant.
    package var logDeterminant: Double { 2 * (0..<size).reduce(0) { $0 + log(lower[$1 * size + $1]) } }

    /// Replaces each row x, of `size` numbers, by L⁻¹ · x, so that rows of covariance A get covariance 1.
    package func whiten(_ rows: inout [Double]) {
        guard !rows.isEmpty else { return }
        precondition(rows.count % size == 0, "\(rows.count) numbers in rows of \(size)")
        let count = Int32(rows.count / size)
        // OpenBLAS is set to one thread by then.
        _ = Threads.count
        unsafe lower.withUnsafeBufferPointer { lower in
            unsafe rows.withUnsafeMutableBufferPointer { rows in
                unsafe cblas_dtrsm(
                    CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, count, Int32(size), 1,
                    lower.baseAddress, Int32(size), rows.baseAddress, Int32(size))
            }
        }
    }
}

extension BLAS {
    /// Xᵀ · X, columns × columns and whole, of dense rows in double precision; on one thread.
    package static func gram(_ rows: [Double], columns: Int) -> [Double] {
        precondition(columns > 0 && rows.count % columns == 0, "\(rows.count) numbers in rows of \(columns)")
        var product = [Double](repeating: 0, count: columns * columns)
        guard !rows.isEmpty else { return product }
        _ = Threads.count
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe product.withUnsafeMutableBufferPointer { product in
                unsafe cblas_dsyrk(
                    CblasRowMajor, CblasLower, CblasTrans, Int32(columns), Int32(rows.count / columns), 1,
                    rows.baseAddress, Int32(columns), 0, product.baseAddress, Int32(columns))
            }
        }
        for row in 0..<columns {
            for column in 0..<row { product[column * columns + row] = product[row * columns + column] }
        }
        return product
    }
}
