import Tensors
import Testing

@Suite struct GemmTests {
    struct Size: Sendable {
        let m: Int
        let n: Int
        let k: Int
    }

    static let sizes: [Size] = [
        .init(m: 1, n: 1, k: 1), .init(m: 7, n: 5, k: 3), .init(m: 32, n: 65, k: 129), .init(m: 64, n: 1, k: 40),
        .init(m: 1, n: 33, k: 100), .init(m: 130, n: 70, k: 31),
    ]

    @Test(arguments: sizes, Gemm.Backend.allCases)
    func isTheDefinition(_ size: Size, _ backend: Gemm.Backend) {
        #expect(Self.worstDeviation(size, backend) < 1e-5)
    }

    /// The worst over all transposes, with old values dropped and kept, rows dense and apart.
    static func worstDeviation(_ size: Size, _ backend: Gemm.Backend) -> Double {
        var worst = 0.0
        for transposeA in [false, true] {
            for transposeB in [false, true] {
                for (beta, padding) in [(Float(0), 0), (1, 0), (0.5, 3)] {
                    let product = TestProduct(
                        size: size, transposeA: transposeA, transposeB: transposeB, beta: beta, padding: padding)
                    worst = max(worst, product.deviation(backend))
                }
            }
        }
        return worst
    }
}

/// One product of random matrices, twice: by `Gemm`, and by its definition.
private struct TestProduct {
    let size: GemmTests.Size
    let transposeA: Bool
    let transposeB: Bool
    let beta: Float
    /// Floats between rows.
    let padding: Int

    func deviation(_ backend: Gemm.Backend) -> Double {
        let (m, n, k) = (size.m, size.n, size.k)
        let lda = (transposeA ? m : k) + padding
        let ldb = (transposeB ? k : n) + padding
        let ldc = n + padding
        let a = Reference.values((transposeA ? k : m) * lda, "a")
        let b = Reference.values((transposeB ? n : k) * ldb, "b")
        let old = Reference.values(m * ldc, "c")
        var c = beta == 0 ? [Float](repeating: .nan, count: old.count) : old
        var span = c.mutableSpan
        Gemm.multiply(
            transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 2, a: a.span, lda: lda,
            b: b.span, ldb: ldb, beta: beta, c: &span, ldc: ldc, backend: backend)
        let expected = (0..<m * n).map { index in
            let (row, column) = (index / n, index % n)
            return (0..<k).reduce(Double(beta * old[row * ldc + column])) { sum, i in
                let left = a[transposeA ? i * lda + row : row * lda + i]
                let right = b[transposeB ? column * ldb + i : i * ldb + column]
                return sum + 2 * Double(left) * Double(right)
            }
        }
        return Reference.deviation((0..<m * n).map { c[$0 / n * ldc + $0 % n] }, expected)
    }
}
