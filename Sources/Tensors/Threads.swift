import CBLAS
import CDNNL
import Synchronization

/// The one owner of this rank's compute threads: a single pool for oneDNN's kernels, our own loops and matrix products.
///
/// The pool is the OpenMP pool of the thread that calls, since that is what oneDNN uses. OpenBLAS, whose pthreads would
/// fight with it for the cores, runs on one thread, and `Gemm` hands each of the pool's threads a part of the product.
package enum Threads {
    private static let current: Atomic<Int> = {
        openblas_set_num_threads(1)
        return Atomic(1)
    }()

    /// How many threads a kernel may use.
    package static var count: Int { current.load(ordering: .relaxed) }

    /// Sets the number of threads for everything that computes; before the first kernel.
    package static func configure(_ count: Int) {
        precondition(count >= 1, "\(count) threads")
        current.store(count, ordering: .relaxed)
    }

    /// Runs `body` once for each of up to `count` parts of `0 ..< total`, in parallel; small totals stay on one thread.
    ///
    /// The parts are the same for the same number of threads, so results are too.
    package static func parallel(_ total: Int, grain: Int = 1 << 15, _ body: @Sendable (Range<Int>) -> Void) {
        let parts = min(count, max(1, total / grain))
        if parts == 1 { return body(0..<total) }
        withoutActuallyEscaping(body) { body in
            var work = Work(total: total, body: body)
            unsafe withUnsafeMutablePointer(to: &work) { work in
                unsafe cdnnl_parallel(Int32(parts), work) { work, part, parts in
                    unsafe work.assumingMemoryBound(to: Work.self).pointee.run(Int(part), of: Int(parts))
                }
            }
        }
    }

    private struct Work {
        let total: Int
        let body: @Sendable (Range<Int>) -> Void

        func run(_ part: Int, of parts: Int) {
            body(total * part / parts..<total * (part + 1) / parts)
        }
    }
}
