import Comm
import Nets

extension Trainer {
    var isSnapshotDue: Bool {
        let interval = plan.settings.snapshotInterval
        return stopping.wish >= .snapshot || (interval > 0 && iteration.isMultiple(of: interval))
    }

    /// Writes a snapshot, if there is none of this iteration yet.
    func snapshot() throws {
        defer { stopping.snapshotIsWritten() }
        guard snapshotIteration != iteration else { return }
        try checkWeights()
        snapshotIteration = iteration
        try Timeline.measure(.snapshot, "iteration \(iteration)", in: net.timeline) { try writeSnapshot() }
        meter.skipTime()
    }

    private func writeSnapshot() throws {
        let methods = try exchange.plan.allMethods(over: communicator)
        try exchange.gatherHistory(of: solver)
        let whole = try assembly.collect()
        try communicator.together {
            guard communicator.isRankZero, let whole else { return }
            var state = plan.state(
                at: iteration, recentLosses: losses.recent, worldSize: communicator.size, lists: lists,
                exchange: methods)
            state.kernels = kernels
            try snapshots.write(net: whole.net, solver: whole.solver, state: state, log: log)
        }
    }
}
