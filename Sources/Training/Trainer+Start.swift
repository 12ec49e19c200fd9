import Comm
import Foundation
import Nets
import Pairs
import Tensors

extension Trainer {
    /// Gives the weights their start: rank zero draws or reads them, all others receive them.
    func start() throws {
        log.say("TRAIN: \(input.sentence)")
        if communicator.size > 1 { log.say("exchange: \(exchange.plan.summary)\n\(exchange.plan.table)") }
        try agreeOnPairs()
        for tester in testers { log.say("TEST: \(tester.sentence)") }
        say { Lints.net(plan.trainDefinition.net) + Lints.labels(of: input, for: net) }
        let whole = try communicator.together {
            for input in [input] + testers.flatMap(\.inputs) { try input.check(communicator) }
            guard communicator.isRankZero else { return nil as WholeModel? }
            try AtomicFile.probe(prefix: plan.snapshotPrefix)
            if let folder = plan.options.tensorBoard { try AtomicFile.probe(prefix: "\(folder)/tensorboard") }
            try warnOfLaterSnapshots()
            let whole = try assembly.blank()
            try readStart(whole)
            return whole
        }
        try badImages?.collect()
        var buffers = [net.parameters.values]
        if case .snapshot(let file, let state) = plan.start {
            iteration = state.iteration
            if file == snapshots.store.statePath(iteration) { snapshotIteration = iteration }
            losses = LossWindow(size: plan.settings.averageLoss, recent: state.recentLosses)
            buffers += solver.history
        }
        try assembly.distribute(whole, withHistory: buffers.count > 1)
        for buffer in buffers {
            try buffer.withMutableSpan { (span: inout MutableSpan<Float>) in try team.own.broadcast(&span) }
        }
        try verify()
    }

    /// A resume would take those of a run that went further, not of this one.
    private func warnOfLaterSnapshots() throws {
        var start = 0
        if case .snapshot(_, let state) = plan.start { start = state.iteration }
        let later = try snapshots.store.iterations().filter { $0 > start }.sorted()
        guard let newest = later.last else { return }
        log.warn(
            "\(later.count) snapshot(s) of later iterations, up to \(newest), stand under \(plan.snapshotPrefix), and --resume "
                + "would take them until this training is further: move them away, or give another --snapshot-prefix")
    }

    /// Says what is probably not meant.
    func say(_ lints: () throws -> [String]) rethrows {
        guard plan.options.lints else { return }
        for lint in try lints() where communicator.isRankZero { log.warn("lint: \(lint)") }
    }

    private func readStart(_ whole: WholeModel) throws {
        let net = whole.net
        switch plan.start {
        case .fresh:
            net.parameters.fill(seed: plan.seed, alike: plan.alike)
        case .weights(let files, let map):
            net.parameters.fill(seed: plan.seed, alike: plan.alike)
            try net.loadWeights(fromFiles: files, map: map, log: log)
        case .snapshot(let file, let state):
            log.say("Restoring previous solver status from \(file), iteration \(state.iteration)")
            try ResumeCheck(plan, lists: lists).check(state, file: file, log: log)
            if plan.allowedChanges.contains(.net) { net.parameters.fill(seed: plan.seed, alike: plan.alike) }
            let notes = try SnapshotStore.restore(file, into: whole.solver, net: net, allowing: plan.allowedChanges)
            for note in notes { log.warn(note) }
        }
    }

    /// The lists' fingerprints, as snapshots keep them.
    var lists: [UInt64] { [input.source.fingerprint] }
}
