import Foundation
import Tensors
import Testing

struct CholeskyTests {
    private static let matrix: [Double] = [4, 2, -2, 2, 10, 5, -2, 5, 9]

    @Test
    func theFactorTimesItselfIsTheMatrix() throws {
        let factor = try #require(Cholesky(Self.matrix, size: 3))
        #expect(factor.lower == [2, 0, 0, 1, 3, 0, -1, 2, 2])
        #expect(abs(factor.logDeterminant - log(144)) < 1e-12)
    }

    /// L · (L⁻¹ x) = x for each row.
    @Test
    func whitensRows() throws {
        let factor = try #require(Cholesky(Self.matrix, size: 3))
        var rows: [Double] = [2, 4, 1, -2, 0, 3]
        factor.whiten(&rows)
        // 2 z₀ = 2; z₀ + 3 z₁ = 4; −z₀ + 2 z₁ + 2 z₂ = 1.
        for (a, b) in zip(rows, [1, 1, 0, -1, 1.0 / 3, 2.0 / 3]) { #expect(abs(a - b) < 1e-12) }
    }

    @Test
    func staysTheSamePacked() throws {
        let factor = try #require(Cholesky(Self.matrix, size: 3))
        #expect(factor.packed == [2, 1, 3, -1, 2, 2])
        #expect(Cholesky(packed: factor.packed, size: 3)?.lower == factor.lower)
        #expect(Cholesky(packed: [1, 2], size: 2) == nil)
        #expect(Cholesky(packed: [1, 2, 0], size: 2) == nil)
    }

    @Test(arguments: [[1, 2, 2, 1], [0, 0, 0, 1], [1, 1, 1, 1], [.nan, 0, 0, 1]] as [[Double]])
    func whatIsNotPositiveDefiniteHasNone(matrix: [Double]) { #expect(Cholesky(matrix, size: 2) == nil) }

    @Test
    func gramIsXTransposedX() {
        #expect(BLAS.gram([1, 2, 3, 4, 5, 6], columns: 2) == [35, 44, 44, 56])
        #expect(BLAS.gram([], columns: 2) == [0, 0, 0, 0])
    }
}
