import Synchronization

/// How long a rank's thread has waited for other ranks while it was about something else, such as a layer's sums over the
/// whole batch; so that a rank that waits is not taken for one that computes slowly.
package final class WaitTime: Sendable {
    private let total = Atomic<Int>(0)

    package init() {}

    /// All of it so far.
    package var nanoseconds: Int { total.load(ordering: .relaxed) }

    /// Runs `body`, which waits, and counts its time; also when it throws.
    package func measure<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        let start = ContinuousClock.now
        defer {
            let waited = Int((ContinuousClock.now - start) / .nanoseconds(1))
            total.wrappingAdd(waited, ordering: .relaxed)
        }
        return try body()
    }
}
