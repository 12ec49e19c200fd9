import Comm
import Nets

extension Trainer {
    var isSnapshotDue: Bool {
        let interval = plan.settings.snapshotInterval
        return stopping.wish >= .snapshot || (interval > 0 && iteration.isMultiple(of: interval))
    }

    /// Copies weights and history, which rank zero then writes while training goes on; once an iteration.
    ///
    /// Collective.
    func snapshot() throws {
        defer { stopping.snapshotIsWritten() }
        guard snapshotIteration != iteration else { return }
        try checkWeights()
        snapshotIteration = iteration
        try Timeline.measure(.snapshot, "iteration \(iteration)", in: net.timeline) {
            try located("snapshot") { try beginSnapshot() }
        }
        snapshotTimer.restart()
        meter.skipTime()
    }

    /// Whether the time for a snapshot has come and the one before is written; rank zero's clock counts.
    var isSnapshotDueByTime: Bool { communicator.isRankZero && snapshotTimer.isDue && !snapshots.isWriting }

    private func beginSnapshot() throws {
        let methods = try exchange.plan.allMethods(over: communicator)
        try exchange.gatherHistory(of: solver)
        let whole = try assembly.collect()
        try communicator.together {
            guard communicator.isRankZero, let whole else { return }
            try plan.lock?.check()
            var state = plan.state(
                at: iteration, recentLosses: losses.recent, worldSize: communicator.size, lists: lists,
                exchange: methods)
            state.kernels = kernels
            snapshots.begin {
                SnapshotCopy(of: whole.net, whole.solver, state: state, sharesBuffers: !assembly.isTrained(whole))
            }
        }
    }
}
