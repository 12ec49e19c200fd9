/// What a run asks of its snapshots; the solver's own fields hold where nothing is asked.
package struct SnapshotOptions: Sendable {
    /// How many of the newest stay; 0 for all.
    package var keep: Int?
    /// Every how many seconds one is written beside those by iterations; 0 for none.
    package var seconds: Double?

    /// What may be otherwise than when the snapshot was written from which training goes on.
    package var allowedChanges: Set<ResumeChange> = []
    /// Whether other trainings are kept from the prefix.
    package var locksPrefix = false

    package init() {}
}

/// When a snapshot is due by time.
struct SnapshotTimer {
    private let interval: Duration?
    private var last = ContinuousClock.now

    /// - Parameter seconds: 0 for never.
    init(seconds: Double) { interval = seconds > 0 ? .seconds(seconds) : nil }

    /// Begins to count anew: at the start, and at each snapshot.
    mutating func restart() { last = .now }

    var isDue: Bool { interval.map { .now - last >= $0 } ?? false }
}
