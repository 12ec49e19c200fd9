import Synchronization

/// How long a rank's thread has waited for other ranks while it was about something else, such as a layer's sums over the
/// whole batch; so that a rank that waits is not taken for one that computes slowly.
package final class WaitTime: Sendable {
    private let total = Atomic<Int>(0)

    package init() {}

    /// All of it so far.
    package var nanoseconds: Int { total.load(ordering: .relaxed) }

    /// Counts the time that has passed since.
    package func add(since start: ContinuousClock.Instant) {
        total.wrappingAdd(Int((ContinuousClock.now - start) / .nanoseconds(1)), ordering: .relaxed)
    }
}
