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
    ///   - precision: With bf16, which must be here, A and B are rounded, sums and C are float32, and there is one
    ///     backend only. Best where the largest of the three matrices is not transposed.
    package static func multiply(
        transposeA: Bool = false, transposeB: Bool = false, m: Int, n: Int, k: Int, alpha: Float = 1,
        a: Span<Float>, lda: Int? = nil, b: Span<Float>, ldb: Int? = nil, beta: Float = 0,
        c: inout MutableSpan<Float>, ldc: Int? = nil, backend: Backend = .openBLAS, precision: Precision = .float32
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
                    let product = unsafe Product(
                        transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: alpha,
                        a: a.baseAddress, lda: lda, b: b.baseAddress, ldb: ldb, beta: beta, c: c.baseAddress, ldc: ldc)
                    product.run(backend, precision)
                }
            }
        }
    }

    /// The same on the calling thread alone: for callers that have divided the work among threads themselves.
    package static func multiplyOnThisThread(
        transposeA: Bool = false, transposeB: Bool = false, m: Int, n: Int, k: Int,
        a: Span<Float>, lda: Int, b: Span<Float>, ldb: Int, beta: Float = 0,
        c: inout MutableSpan<Float>, backend: Backend = .openBLAS, precision: Precision = .float32
    ) {
        if m == 0 || n == 0 { return }
        check("A", a.count, rows: transposeA ? k : m, columns: transposeA ? m : k, stride: lda)
        check("B", b.count, rows: transposeB ? n : k, columns: transposeB ? k : n, stride: ldb)
        check("C", c.count, rows: m, columns: n, stride: n)
        unsafe a.withUnsafeBufferPointer { a in
            unsafe b.withUnsafeBufferPointer { b in
                unsafe c.withUnsafeMutableBufferPointer { c in
                    let product = unsafe Product(
                        transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 1,
                        a: a.baseAddress, lda: lda, b: b.baseAddress, ldb: ldb, beta: beta, c: c.baseAddress, ldc: n)
                    product.runOnThisThread(backend, precision)
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

/// The arguments of one product.
@safe private struct Product: @unchecked Sendable {
    let transposeA: Bool
    let transposeB: Bool
    let m: Int
    let n: Int
    let k: Int
    let alpha: Float
    let a: UnsafePointer<Float>?
    let lda: Int
    let b: UnsafePointer<Float>?
    let ldb: Int
    let beta: Float
    let c: UnsafeMutablePointer<Float>?
    let ldc: Int

    /// On all threads: oneDNN divides the work itself, of others each thread multiplies one tile of C.
    func run(_ backend: Gemm.Backend, _ precision: Precision) {
        if (precision, backend) == (.float32, .dnnl) {
            cdnnl_set_threads(Int32(Threads.count))
            return runDNNL()
        }
        let threads = m * n * k < 1 << 18 ? 1 : Threads.count
        let (rows, columns) = grid(threads)
        Threads.parallel(rows * columns, grain: 1) { tiles in
            for tile in tiles {
                let (row, column) = (tile / columns, tile % columns)
                part(m * row / rows..<m * (row + 1) / rows, n * column / columns..<n * (column + 1) / columns)
                    .runOnThisThread(backend, precision)
            }
        }
    }

    /// On the calling thread, which must be one of the pool's if oneDNN multiplies.
    func runOnThisThread(_ backend: Gemm.Backend, _ precision: Precision) {
        switch (precision, backend) {
        case (.bf16, _): runBFloat16()
        case (.float32, .openBLAS): runOpenBLAS()
        case (.float32, .dnnl): runDNNL()
        }
    }

    /// The division of C into tiles, as many as threads, that reads the least of A and B.
    private func grid(_ threads: Int) -> (rows: Int, columns: Int) {
        var best = (rows: 1, columns: threads)
        for rows in 1...threads where threads % rows == 0 {
            let columns = threads / rows
            if m * columns + n * rows < m * best.columns + n * best.rows { best = (rows, columns) }
        }
        return best
    }

    /// What makes these rows and columns of C.
    private func part(_ rows: Range<Int>, _ columns: Range<Int>) -> Product {
        let a = unsafe a.map { unsafe $0 + (transposeA ? rows.lowerBound : rows.lowerBound * lda) }
        let b = unsafe b.map { unsafe $0 + (transposeB ? columns.lowerBound * ldb : columns.lowerBound) }
        let c = unsafe c.map { unsafe $0 + (rows.lowerBound * ldc + columns.lowerBound) }
        return unsafe Product(
            transposeA: transposeA, transposeB: transposeB, m: rows.count, n: columns.count, k: k, alpha: alpha, a: a,
            lda: lda, b: b, ldb: ldb, beta: beta, c: c, ldc: ldc)
    }

    private func runOpenBLAS() {
        unsafe cblas_sgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(m),
            Int32(n), Int32(k), alpha, a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
    }

    private func runBFloat16() {
        unsafe cdnnl_gemm_bf16(
            transposeA, transposeB, Int64(m), Int64(n), Int64(k), alpha, a, Int64(lda), b, Int64(ldb), beta, c,
            Int64(ldc))
    }

    /// On the threads of the pool; on one where it is called by one of them.
    private func runDNNL() {
        let status = unsafe cdnnl_sgemm(
            transposeA, transposeB, Int64(m), Int64(n), Int64(k), alpha, a, Int64(lda), b, Int64(ldb), beta, c,
            Int64(ldc))
        precondition(status == 0, "dnnl_sgemm of \(m)×\(k) by \(k)×\(n): status \(status)")
    }
}
