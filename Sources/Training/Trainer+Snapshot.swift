import Comm
import Nets

extension Trainer {
    func snapshot() throws {
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
