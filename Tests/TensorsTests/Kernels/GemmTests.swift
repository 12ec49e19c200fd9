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

    /// Sizes beyond those that reach its blocks' borders: 8 rows, 16 and 32 columns, 256 of depth, 512 columns in all.
    static let roundedSizes = sizes + [.init(m: 9, n: 17, k: 600), .init(m: 17, n: 1100, k: 300)]

    /// What is in bfloat16 already is multiplied exactly and summed in float32.
    @Test(.enabled(if: Precision.bf16.isHere), arguments: roundedSizes)
    func sumsInFloat32(_ size: Size) {
        #expect(Self.worst(size) { $0.deviation(precision: .bf16, values: Reference.bfloat16Values) } < 1e-5)
    }

    @Test(.enabled(if: Precision.bf16.isHere), arguments: roundedSizes)
    func roundsToBFloat16(_ size: Size) {
        let worst = Self.worstRoundedDeviation(size)
        #expect(worst < Reference.bfloat16Bound)
        #expect(worst > 1e-5, "not rounded at all")
    }

    /// The worst over all transposes, with old values dropped and kept, rows dense and apart.
    static func worstDeviation(_ size: Size, _ backend: Gemm.Backend) -> Double {
        worst(size) { $0.deviation(backend) }
    }

    static func worstRoundedDeviation(_ size: Size) -> Double {
        worst(size) { $0.relativeDeviation(precision: .bf16) }
    }

    private static func worst(_ size: Size, _ deviation: (TestProduct) -> Double) -> Double {
        var worst = 0.0
        for transposeA in [false, true] {
            for transposeB in [false, true] {
                for (beta, padding) in [(Float(0), 0), (1, 0), (0.5, 3)] {
                    worst = max(
                        worst,
                        deviation(
                            TestProduct(
                                size: size, transposeA: transposeA, transposeB: transposeB, beta: beta,
                                padding: padding)))
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

    /// Relative to the largest value.
    func deviation(
        _ backend: Gemm.Backend = .openBLAS, precision: Precision = .float32,
        values: (Int, String) -> [Float] = Reference.values
    ) -> Double {
        let result = run(backend, precision, values)
        return Reference.deviation(result.found, result.expected)
    }

    /// Relative to the sum of magnitudes, value by value.
    func relativeDeviation(precision: Precision) -> Double {
        let result = run(.openBLAS, precision, Reference.values)
        return Reference.deviation(result.found, result.expected, magnitudes: result.magnitudes)
    }

    private struct Result {
        var found: [Float] = []
        var expected: [Double] = []
        /// The sums of the terms without their signs.
        var magnitudes: [Double] = []
    }

    private func run(_ backend: Gemm.Backend, _ precision: Precision, _ values: (Int, String) -> [Float]) -> Result {
        let (m, n, k) = (size.m, size.n, size.k)
        let lda = (transposeA ? m : k) + padding
        let ldb = (transposeB ? k : n) + padding
        let ldc = n + padding
        let a = values((transposeA ? k : m) * lda, "a")
        let b = values((transposeB ? n : k) * ldb, "b")
        let old = values(m * ldc, "c")
        var c = beta == 0 ? [Float](repeating: .nan, count: old.count) : old
        var span = c.mutableSpan
        Gemm.multiply(
            transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 2, a: a.span, lda: lda,
            b: b.span, ldb: ldb, beta: beta, c: &span, ldc: ldc, backend: backend, precision: precision)
        var result = Result()
        for index in 0..<m * n {
            let (row, column) = (index / n, index % n)
            result.found.append(c[row * ldc + column])
            var (sum, magnitude) = (Double(beta * old[row * ldc + column]), Double(0))
            for i in 0..<k {
                let left = a[transposeA ? i * lda + row : row * lda + i]
                let right = b[transposeB ? column * ldb + i : i * ldb + column]
                sum += 2 * Double(left) * Double(right)
                magnitude += abs(2 * Double(left) * Double(right))
            }
            result.expected.append(sum)
            result.magnitudes.append(magnitude)
        }
        return result
    }
}
