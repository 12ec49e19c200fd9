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
    package internal(set) var iteration = 0 { didSet { Activity.iteration = iteration } }
    let communicator: any Communicator
    /// Those among all ranks that carry the same towers.
    let team: Team
    let assembly: TowerAssembly
    let kernels: KernelChoices
    let exchange: ExchangeSchedule
    let input: PhaseInput
    let testers: [Tester]
    let stopping: Stopping
    let log: TrainingLog
    var losses: LossWindow
    var meter: ProgressMeter
    /// Notes a timeline, as long as there is one to note.
    var recorder: TimelineRecorder?
    let snapshots: SnapshotWriter
    var snapshotTimer: SnapshotTimer
    /// Where bad images are skipped.
    let badImages: BadImageReport?
    /// The iteration of which there is a snapshot, or will soon be one.
    var snapshotIteration: Int?
    var collapse: CollapseWatch

    /// Sets up everything that a run needs, on every rank alike; what can be found wrong is found here.
    ///
    /// - Parameter inbox: where this rank is told to write a snapshot or to stop.
    package init(
        _ plan: TrainingPlan, communicator: any Communicator, log: TrainingLog, inbox: SignalInbox = .ofProcess
    ) throws {
        self.plan = plan
        self.communicator = communicator
        self.log = log
        stopping = Stopping(inbox, communicator: communicator, log: log)
        let settings = plan.settings
        let team = try Team(communicator, placement: plan.options.placement)
        self.team = team
        if plan.options.deterministic != nil { try DeterministicOptions.checkProcessors(over: communicator) }
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
        meter = ProgressMeter(
            plan: plan, net: net, passes: exchange.passes, communicator: communicator, waits: team.waits, log: log)
        snapshots = SnapshotWriter(
            SnapshotStore(prefix: plan.snapshotPrefix), keep: settings.snapshotKeep, log: log)
        snapshotTimer = SnapshotTimer(seconds: settings.snapshotSeconds)
        badImages = plan.badImages(of: [input] + testers.flatMap(\.inputs), team: team, log: log)
        collapse = CollapseWatch(net)
        try start()
    }

    /// A training that fails leaves the snapshot that is being written whole.
    deinit { snapshots.wait() }

    /// Trains to the solver's max_iter, testing, logging and writing snapshots on the way (Caffe: Solver::Solve).
    ///
    /// - Returns: whether all ranks were asked to end before, with a snapshot of how far they came.
    @discardableResult
    package func run() throws -> Wish {
        try located("training") { try train() }
    }

    private func train() throws -> Wish {
        let settings = plan.settings
        log.solving(net.name, policy: plan.policyName)
        input.start(at: iteration * settings.iterSize)
        recorder = try plan.options.timeline.map {
            try TimelineRecorder($0, steps: settings.maxIteration - iteration, over: communicator)
        }
        meter.begin(at: iteration)
        Activity.iteration = iteration
        try stopping.together(at: iteration) {}
        while iteration < settings.maxIteration, !stopping.isEnding {
            if isTestDue, iteration > 0 || settings.testInitialization { try test() }
            if stopping.isEnding { break }
            let report = try step()
            try badImages?.collect()
            if report.iteration == 0 { try say { try Lints.margins(of: net, team.own) } }
            losses.add(report.loss)
            meter.stepped(iteration: iteration, loss: losses.mean)
            try show(report)
            if plan.options.watch.isVerificationDue(at: iteration) { try verify() }
            if isSnapshotDue { try snapshot() }
            if recorder?.isFull == true { try writeTimeline() }
        }
        try finish()
        return stopping.wish
    }

    /// What a step tells: all of it over the global batch.
    package struct StepReport {
        /// The iteration whose update this was, counted from 0.
        package let iteration: Int
        package let loss: Double
        package let outputs: [TrainingLog.Output]
    }

    /// One iteration: a pass for each of `iter_size` sub-batches (or each micro-batch), one exchange, one update.
    ///
    /// Collective. The only place where training happens.
    package func step() throws -> StepReport {
        var passTotals = StepTotals(net.context)
        let clock = meter.clock
        net.timeline = recorder?.begin(step: iteration)
        clock.begin(net.timeline)
        for pass in 0..<exchange.passes {
            exchange.begin(pass: pass)
            try loadNext(clock)
            let loss = try net.forward()
            collapse.note()
            clock.mark(.forward)
            passTotals.add(loss: loss, outputs: net.batchOutputs)
            try net.backward(ready: exchange.ready)
            clock.mark(.backward)
        }
        try exchange.finish()
        clock.mark(.exchange)
        let broken = brokenGradients
        clock.mark(.update, span: "check gradients")
        let totals = try passTotals.sum(over: team.own, with: broken)
        try checkFinite(totals)
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

    /// Brings the pairs of the next pass; collective where they begin a batch.
    private func loadNext(_ clock: StepClock) throws {
        func load() throws {
            meter.waited(try input.loadNext(into: net))
            clock.mark(.data, span: "pairs")
        }
        guard input.beginsBatch else { return try load() }
        try stopping.together(wishing: isSnapshotDueByTime ? .snapshot : .nothing, at: iteration, load)
        clock.mark(.others, span: "pairs of other ranks")
    }
}
