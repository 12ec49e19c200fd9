import CBLAS
import CDNNL
import Dispatch
import Synchronization

/// The one owner of this rank's compute threads: OpenBLAS's, oneDNN's and our own loops.
package enum Threads {
    private static let current = Atomic<Int>(1)

    /// How many threads a kernel may use.
    package static var count: Int { current.load(ordering: .relaxed) }

    /// Sets the number of threads for everything that computes; before the first kernel.
    package static func configure(_ count: Int) {
        precondition(count >= 1, "\(count) threads")
        current.store(count, ordering: .relaxed)
        openblas_set_num_threads(Int32(count))
        cdnnl_set_threads(Int32(count))
    }

    /// Runs `body` once for each of `count` parts of `0 ..< total`, in parallel; small totals stay on one thread.
    ///
    /// The parts are the same for the same number of threads, so results are too.
    package static func parallel(_ total: Int, grain: Int = 1 << 15, _ body: @Sendable (Range<Int>) -> Void) {
        let parts = min(count, max(1, total / grain))
        if parts == 1 { return body(0..<total) }
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            body(total * part / parts..<total * (part + 1) / parts)
        }
    }
}
