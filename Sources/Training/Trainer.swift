package import Comm
import Foundation
package import Nets
import Pairs
import Tensors

/// Trains a net on this rank's shard of each batch, together with all other ranks.
///
/// One step, in the order in which the data walks: pairs → both towers and loss → gradients → exchange → update.
/// N ranks do the same training as one, since every mean is over the global batch and nothing random belongs to a rank.
package final class Trainer {
    package let plan: TrainingPlan
    package let net: Net
    package let solver: Solver
    /// How many updates the weights have had.
    package private(set) var iteration = 0
    private let communicator: any Communicator
    /// Those among all ranks that carry the same towers.
    private let team: Team
    private let assembly: TowerAssembly
    private let kernels: KernelChoices
    private let exchange: ExchangeSchedule
    private let input: PhaseInput
    private let testers: [Tester]
    private let log: TrainingLog
    private var losses: LossWindow
    private var meter: ProgressMeter
    /// Notes a timeline, as long as there is one to note.
    private var recorder: TimelineRecorder?
    private let snapshots: SnapshotStore

    /// Sets up everything that a run needs, on every rank alike; what can be found wrong is found here.
    package init(_ plan: TrainingPlan, communicator: any Communicator, log: TrainingLog) throws {
        self.plan = plan
        self.communicator = communicator
        self.log = log
        let settings = plan.settings
        let team = try Team(communicator, placement: plan.options.placement)
        self.team = team
        let thread = CommunicationThread(isInline: communicator.size == 1, waits: team.waits)
        var options = plan.options
        options.kernels =
            try plan.fixedKernels(worldSize: communicator.size)
            ?? KernelChoices.measure(
                for: plan.trainDefinition, options: options, communicator: communicator, log: log)
        kernels = options.kernels
        (input, net, solver, testers) = try communicator.together { [options] in
            let definition = plan.trainDefinition
            let own = try team.definition(of: definition)
            let input = try PhaseInput(
                definition, column: own.column, batchSize: plan.batchSize, seed: plan.seed, options: options,
                team: team, thread: thread)
            let net = try Net(own.net, context: input.context, place: definition.place)
            let testers = try zip(plan.testDefinitions, settings.testIterations).map { definition, iterations in
                try Tester(
                    definition, batchSize: plan.batchSize(of: definition, worldSize: team.own.size),
                    seed: plan.seed, options: options, owner: net, iterations: iterations, team: team)
            }
            return (input, net, try Solver.make(settings, store: net.parameters), testers)
        }
        let exchangePlan = ExchangePlan(
            for: net, subBatches: settings.iterSize, options: plan.options.exchange,
            model: try ExchangeModel.measure(over: team.own), fixed: plan.fixedExchange(worldSize: communicator.size))
        exchange = ExchangeSchedule(exchangePlan, net: net, communicator: team.own, thread: thread)
        assembly = try TowerAssembly(plan, team: team, net: net, solver: solver)
        losses = LossWindow(size: settings.averageLoss)
        meter = ProgressMeter(plan: plan, net: net, communicator: communicator, waits: team.waits)
        snapshots = SnapshotStore(prefix: plan.snapshotPrefix)
        try start()
    }

    /// Trains to the solver's max_iter, testing, logging and writing snapshots on the way (Caffe: Solver::Solve).
    package func run() throws {
        let settings = plan.settings
        log.solving(net.name, policy: plan.policyName)
        input.start(at: iteration * settings.iterSize)
        recorder = try plan.options.timeline.map {
            try TimelineRecorder($0, steps: settings.maxIteration - iteration, over: communicator)
        }
        meter.begin()
        while iteration < settings.maxIteration {
            if isTestDue, iteration > 0 || settings.testInitialization { try test() }
            let report = try step()
            if report.iteration == 0 { try say { try Lints.margins(of: net, team.own) } }
            losses.add(report.loss)
            meter.stepped(iteration: iteration, loss: losses.mean)
            try show(report)
            if settings.snapshotInterval > 0, iteration.isMultiple(of: settings.snapshotInterval) { try snapshot() }
            if recorder?.isFull == true { try writeTimeline() }
        }
        try finish()
    }

    /// What a step tells: all of it over the global batch.
    package struct StepReport {
        /// The iteration whose update this was, counted from 0.
        package let iteration: Int
        package let loss: Double
        package let outputs: [TrainingLog.Output]
    }

    /// One iteration: `iter_size` sub-batches, one exchange, one update.
    ///
    /// Collective. The only place where training happens.
    package func step() throws -> StepReport {
        var totals: [Double] = []
        let clock = meter.clock
        net.timeline = recorder?.begin(step: iteration)
        clock.begin(net.timeline)
        net.parameters.clearGradients()
        clock.mark(.update, span: "clear gradients")
        for subBatch in 1...plan.settings.iterSize {
            try communicator.together {
                meter.waited(try input.loadNext(into: net))
                clock.mark(.data, span: "pairs")
            }
            clock.mark(.others, span: "pairs of other ranks")
            let loss = try net.forward()
            clock.mark(.forward)
            totals = [Double(loss) + (totals.first ?? 0)] + net.batchOutputs.map(\.value)
            // What the last backward has made ready is exchanged while it goes on.
            let isLast = subBatch == plan.settings.iterSize
            try net.backward { parameter in if isLast { exchange.ready(parameter) } }
            clock.mark(.backward)
        }
        try exchange.finish()
        clock.mark(.exchange)
        try team.own.allReduceSum(&totals)
        clock.mark(.others, span: "loss")
        try solver.update(iteration: iteration, division: exchange.division)
        clock.mark(.update, span: "weights")
        try exchange.share()
        clock.mark(.exchange)
        iteration += 1
        let outputs = zip(net.batchOutputs, totals.dropFirst()).map { output, total in
            TrainingLog.Output(name: output.name, value: total, lossWeight: output.lossWeight)
        }
        return StepReport(
            iteration: iteration - 1, loss: totals[0] / Double(plan.settings.iterSize), outputs: outputs)
    }

    // MARK: Before and after

    /// Gives the weights their start: rank zero draws or reads them, all others receive them.
    private func start() throws {
        log.say("TRAIN: \(input.sentence)")
        if communicator.size > 1 { log.say("exchange: \(exchange.plan.summary)\n\(exchange.plan.table)") }
        for tester in testers { log.say("TEST: \(tester.sentence)") }
        say { Lints.net(plan.trainDefinition.net) + Lints.labels(of: input, for: net) }
        let whole = try communicator.together {
            for input in [input] + testers.flatMap(\.inputs) { try input.check(communicator) }
            guard communicator.isRankZero else { return nil as WholeModel? }
            try AtomicFile.probe(prefix: plan.snapshotPrefix)
            let whole = try assembly.blank()
            try readStart(whole)
            return whole
        }
        var buffers = [net.parameters.values]
        if case .snapshot(_, let state) = plan.start {
            iteration = state.iteration
            losses = LossWindow(size: plan.settings.averageLoss, recent: state.recentLosses)
            buffers += solver.history
        }
        try assembly.distribute(whole, withHistory: buffers.count > 1)
        for buffer in buffers {
            try buffer.withMutableSpan { (span: inout MutableSpan<Float>) in try team.own.broadcast(&span) }
        }
    }

    /// Says what is probably not meant.
    private func say(_ lints: () throws -> [String]) rethrows {
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
            for difference in plan.differences(from: state, lists: lists) { log.warn(difference) }
            try SnapshotStore.restore(file, into: whole.solver, net: net)
        }
    }

    /// The lists' fingerprints, as snapshots keep them.
    private var lists: [UInt64] { [input.source.fingerprint] }

    private func finish() throws {
        let settings = plan.settings
        if settings.snapshotAfterTrain,
            settings.snapshotInterval == 0 || !iteration.isMultiple(of: settings.snapshotInterval)
        {
            try snapshot()
        }
        if settings.display > 0, iteration.isMultiple(of: settings.display) {
            losses.add(try lossOfNextBatch())
            log.finalLoss(losses.mean, at: iteration)
        }
        if isTestDue { try test() }
        try writeTimeline()
        try meter.end(log: log)
        exchange.thread.close()
        if let cache = plan.options.decoding.cache { log.say("\(cache.statistics)") }
        input.stop()
        for tester in testers { tester.stop() }
        log.done()
    }

    /// Caffe ends with one more forward pass, so that the last display shows the last weights.
    private func lossOfNextBatch() throws -> Double {
        net.timeline?.begin(step: iteration)
        try communicator.together { _ = try input.loadNext(into: net) }
        var loss = [Double(try net.forward())]
        try team.own.allReduceSum(&loss)
        return loss[0]
    }

    // MARK: Test, display, snapshot

    private var isTestDue: Bool {
        plan.settings.testInterval > 0 && !testers.isEmpty && iteration.isMultiple(of: plan.settings.testInterval)
    }

    private func test() throws {
        for (index, tester) in testers.enumerated() {
            log.testing(net: index, at: iteration)
            let result = try Timeline.measure(.test, "net #\(index)", in: net.timeline) { try tester.run() }
            log.testOutputs(result.outputs)
            try communicator.together {
                try meter.record(test: result, net: index, at: iteration)
            }
        }
        meter.skipTime()
    }

    private func show(_ report: StepReport) throws {
        guard plan.settings.display > 0, report.iteration.isMultiple(of: plan.settings.display) else { return }
        let rate = plan.settings.learningRate(at: report.iteration)
        let interval = try meter.interval()
        log.iteration(report.iteration, loss: losses.mean, since: interval.seconds, iterations: interval.iterations)
        log.trainOutputs(report.outputs)
        log.learningRate(rate, at: report.iteration)
        meter.show(interval, log: log)
        try communicator.together {
            try meter.record(report, smoothed: losses.mean, rate: rate, interval: interval)
        }
    }

    private func writeTimeline() throws {
        try recorder?.write(over: communicator, log: log)
        (recorder, net.timeline) = (nil, nil)
        meter.skipTime()
    }

    private func snapshot() throws {
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
