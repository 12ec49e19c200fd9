import CBLAS
import CDNNL

/// The product of dense row-major matrices, the work of inner products and of unrolled convolutions.
package enum Gemm {
    /// Who multiplies.
    package enum Backend: String, Sendable, CaseIterable { case openBLAS = "OpenBLAS", dnnl = "oneDNN" }

    /// C = alpha · op(A) · op(B) + beta · C with op(A) m × k, op(B) k × n and C m × n.
    ///
    /// - Parameters:
    ///   - transposeA: Whether op(A) is A's transpose, so that A lies there as k × m; likewise for B.
    ///   - lda: Floats from one row of A (as it lies there) to the next; by default its rows are dense. Likewise ldb, ldc.
    ///   - beta: 0 replaces what C holds, whatever that is.
    package static func multiply(
        transposeA: Bool = false, transposeB: Bool = false, m: Int, n: Int, k: Int, alpha: Float = 1,
        a: Span<Float>, lda: Int? = nil, b: Span<Float>, ldb: Int? = nil, beta: Float = 0,
        c: inout MutableSpan<Float>, ldc: Int? = nil, backend: Backend = .openBLAS
    ) {
        if m == 0 || n == 0 { return }
        let lda = lda ?? (transposeA ? m : k)
        let ldb = ldb ?? (transposeB ? k : n)
        let ldc = ldc ?? n
        check("A", a.count, rows: transposeA ? k : m, columns: transposeA ? m : k, stride: lda)
        check("B", b.count, rows: transposeB ? n : k, columns: transposeB ? k : n, stride: ldb)
        check("C", c.count, rows: m, columns: n, stride: ldc)
        unsafe a.withUnsafeBufferPointer { a in
            unsafe b.withUnsafeBufferPointer { b in
                unsafe c.withUnsafeMutableBufferPointer { c in
                    switch backend {
                    case .openBLAS:
                        unsafe cblas_sgemm(
                            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans,
                            transposeB ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), alpha, a.baseAddress,
                            Int32(lda), b.baseAddress, Int32(ldb), beta, c.baseAddress, Int32(ldc))
                    case .dnnl:
                        let status = unsafe cdnnl_sgemm(
                            transposeA, transposeB, Int64(m), Int64(n), Int64(k), alpha, a.baseAddress, Int64(lda),
                            b.baseAddress, Int64(ldb), beta, c.baseAddress, Int64(ldc))
                        precondition(status == 0, "dnnl_sgemm of \(m)×\(k) by \(k)×\(n): status \(status)")
                    }
                }
            }
        }
    }

    private static func check(_ name: String, _ count: Int, rows: Int, columns: Int, stride: Int) {
        precondition(
            stride >= columns && (rows == 0 || count >= (rows - 1) * stride + columns),
            "matrix \(name) of \(rows)×\(columns), rows \(stride) apart, in \(count) floats")
    }
}
