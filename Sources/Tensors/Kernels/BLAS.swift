import CBLAS

/// The vector operations that layers and solvers share, over spans.
package enum BLAS {
    /// "OpenBLAS 0.3.21 DYNAMIC_ARCH … Zen …": with the processor for which it was made or has chosen its kernels.
    package static var version: String { unsafe String(cString: openblas_get_config()) }

    /// The processor for whose kernels it has decided: "Zen", "SkylakeX".
    package static var core: String { unsafe String(cString: openblas_get_corename()) }

    /// y = alpha · x + y.
    package static func axpy(_ alpha: Float, _ x: Span<Float>, _ y: inout MutableSpan<Float>) {
        precondition(x.count == y.count, "axpy of \(x.count) to \(y.count)")
        if x.isEmpty { return }
        unsafe x.withUnsafeBufferPointer { x in
            unsafe y.withUnsafeMutableBufferPointer { y in
                nonisolated(unsafe) let from = unsafe x.baseAddress.unsafelyUnwrapped
                nonisolated(unsafe) let to = unsafe y.baseAddress.unsafelyUnwrapped
                Threads.parallel(x.count) { part in
                    unsafe cblas_saxpy(Int32(part.count), alpha, from + part.lowerBound, 1, to + part.lowerBound, 1)
                }
            }
        }
    }

    /// x = alpha · x.
    package static func scale(_ alpha: Float, _ x: inout MutableSpan<Float>) {
        if x.isEmpty { return }
        unsafe x.withUnsafeMutableBufferPointer { x in
            nonisolated(unsafe) let start = unsafe x.baseAddress.unsafelyUnwrapped
            Threads.parallel(x.count) { part in
                unsafe cblas_sscal(Int32(part.count), alpha, start + part.lowerBound, 1)
            }
        }
    }

    /// Σ x · y, in single precision.
    package static func dot(_ x: Span<Float>, _ y: Span<Float>) -> Float {
        precondition(x.count == y.count, "dot of \(x.count) and \(y.count)")
        return unsafe x.withUnsafeBufferPointer { x in
            unsafe y.withUnsafeBufferPointer { y in
                unsafe cblas_sdot(Int32(x.count), x.baseAddress, 1, y.baseAddress, 1)
            }
        }
    }

    /// y = alpha · op(A) · x + beta · y with A m × n, row-major and dense; op(A) is A, or A's transpose.
    package static func gemv(
        transposeA: Bool = false, m: Int, n: Int, alpha: Float = 1, a: Span<Float>, x: Span<Float>, beta: Float = 0,
        y: inout MutableSpan<Float>
    ) {
        precondition(
            a.count == m * n && x.count == (transposeA ? m : n) && y.count == (transposeA ? n : m),
            "gemv of \(a.count) floats as \(m)×\(n) by \(x.count) to \(y.count)")
        unsafe a.withUnsafeBufferPointer { a in
            unsafe x.withUnsafeBufferPointer { x in
                unsafe y.withUnsafeMutableBufferPointer { y in
                    unsafe cblas_sgemv(
                        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), alpha,
                        a.baseAddress, Int32(n), x.baseAddress, 1, beta, y.baseAddress, 1)
                }
            }
        }
    }

    /// Σ x², each square and the sum in double precision; the same for any number of threads.
    package static func sumOfSquares(_ x: Span<Float>) -> Double {
        let block = 1 << 16
        let blocks = (x.count + block - 1) / block
        return unsafe x.withUnsafeBufferPointer { x in
            unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks) { sums in
                nonisolated(unsafe) let sums = unsafe sums
                nonisolated(unsafe) let x = unsafe x
                Threads.parallel(blocks, grain: 1) { part in
                    for i in part {
                        let range = unsafe i * block..<min((i + 1) * block, x.count)
                        unsafe sums[i] = unsafe sumOfSquares(UnsafeBufferPointer(rebasing: x[range]))
                    }
                }
                var sum = 0.0
                for i in 0..<blocks { unsafe sum += sums[i] }
                return sum
            }
        }
    }

    /// Eight partial sums, so that the compiler may use vectors.
    private static func sumOfSquares(_ x: UnsafeBufferPointer<Float>) -> Double {
        var sums = SIMD8<Double>()
        let whole = x.count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) {
            let eight = unsafe SIMD8<Double>(
                UnsafeRawPointer(x.baseAddress.unsafelyUnwrapped + start).loadUnaligned(as: SIMD8<Float>.self))
            sums += eight * eight
        }
        var sum = sums.sum()
        for i in whole..<x.count {
            let value = unsafe Double(x[i])
            sum += value * value
        }
        return sum
    }
}
