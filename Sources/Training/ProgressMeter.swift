import Comm
import Foundation
import Nets

/// Measures where the time goes, and shows it: the progress line, and the metrics file's lines.
struct ProgressMeter {
    /// The time since the last display, without tests and snapshots.
    struct Interval {
        var iterations = 0
        var seconds = 0.0
        /// On rank zero, when closed: what it and the others say of their time.
        var ranks: [RankTimes] = []
        var straggler: Straggler?
    }

    /// What the steps are timed by.
    let clock: StepClock
    private let operationsPerIteration: Double
    private let communicator: any Communicator
    private let metrics: MetricsFile?
    private let events: EventFile?
    private let pairsPerIteration: Int
    private let maxIteration: Int
    private let showsProgress: Bool
    private var current = Interval()
    private var total = Interval()
    /// Over all intervals.
    private var (totalDataWait, totalExchange) = (0.0, 0.0)
    private var dataWait = 0.0
    private var lastStep = Date.now

    /// - Parameters:
    ///   - passes: how often the net runs in an iteration.
    ///   - waits: what layers wait for other ranks.
    init(
        plan: TrainingPlan, net: Net, passes: Int, communicator: any Communicator, waits: WaitTime, log: TrainingLog
    ) {
        self.communicator = communicator
        clock = StepClock(waits: waits)
        operationsPerIteration = Workload.operationsPerStep(of: net) * Double(passes)
        metrics = communicator.isRankZero ? MetricsFile(path: plan.snapshotPrefix + ".metrics.jsonl", log: log) : nil
        events =
            communicator.isRankZero
            ? plan.options.tensorBoard.map { EventFile(folder: $0, host: communicator.host, log: log) } : nil
        pairsPerIteration = plan.batchSize * plan.settings.iterSize
        maxIteration = plan.settings.maxIteration
        showsProgress = communicator.isRankZero && plan.options.showsProgress
    }

    /// The training begins; with an iteration above 0 it goes on from a snapshot.
    mutating func begin(at iteration: Int) {
        if iteration > 0 { events?.goesOn(from: iteration) }
        lastStep = .now
        current = Interval()
    }

    /// The step has waited so many seconds for its pairs.
    mutating func waited(_ seconds: Double) { dataWait += seconds }

    /// Takes the time since the last step out of the account: a test or a snapshot.
    mutating func skipTime() { lastStep = .now }

    /// Counts a step, and shows the progress line on a terminal.
    mutating func stepped(iteration: Int, loss: Double) {
        let now = Date.now
        current.seconds += now.timeIntervalSince(lastStep)
        current.iterations += 1
        lastStep = now
        guard showsProgress else { return }
        let seconds = (total.seconds + current.seconds) / Double(total.iterations + current.iterations)
        let left = Duration.seconds(seconds * Double(maxIteration - iteration))
        let rate = TrainingLog.format((Double(pairsPerIteration) / seconds).rounded())
        Console.showProgress(
            "iteration \(iteration) of \(maxIteration)  loss \(TrainingLog.format(loss))  \(rate) pairs/s  "
                + "\(left.formatted(.time(pattern: .hourMinuteSecond))) left")
    }

    /// Closes the interval at a display; collective, as the times of all ranks count.
    mutating func interval() throws -> Interval {
        var closed = current
        let mine = RankTimes(clock.take(), dataWait: dataWait, operations: operationsPerIteration)
        closed.ranks = try RankTimes.gather(mine, over: communicator)
        // The first steps, in which every rank touches its memory for the first time, say nothing of the others.
        if total.iterations > 0 {
            closed.straggler = Straggler(
                among: closed.ranks, steps: closed.iterations, hosts: communicator.hosts)
        }
        total.iterations += closed.iterations
        total.seconds += closed.seconds
        let speed = speed(of: closed)
        totalDataWait += speed.dataWait * closed.seconds
        totalExchange += speed.exchange * closed.seconds
        current = Interval()
        dataWait = 0
        return closed
    }

    private func speed(of interval: Interval) -> StepSpeed {
        StepSpeed(interval.ranks, steps: interval.iterations, seconds: interval.seconds, pairs: pairsPerIteration)
    }

    /// Says how fast it went, and who was too slow.
    func show(_ interval: Interval, log: TrainingLog) {
        log.say("\(speed(of: interval))")
        if let straggler = interval.straggler { log.warn("\(straggler)") }
    }

    func record(
        _ report: Trainer.StepReport, smoothed: Double, rate: Float, interval: Interval,
        collapsed: [CollapseWatch.Collapse]
    ) throws {
        let speed = speed(of: interval)
        let own = interval.ranks.first?.seconds.mapValues { $0 / Double(max(interval.iterations, 1)) }
        try append(
            MetricsFile.Line(
                phase: "train", iteration: report.iteration, loss: report.loss, smoothedLoss: smoothed,
                learningRate: rate, pairsPerSecond: speed.pairsPerSecond, gflops: speed.gflops,
                dataWait: speed.dataWait, exchange: speed.exchange, sectionSeconds: own,
                straggler: interval.straggler, collapsed: collapsed.isEmpty ? nil : collapsed,
                seconds: interval.seconds, outputs: grouped(report.outputs)))
    }

    func record(test result: TestResult, net index: Int, at iteration: Int) throws {
        try append(
            MetricsFile.Line(phase: "test \(index)", iteration: iteration, outputs: grouped(result.outputs)),
            result.histograms)
    }

    private func append(_ line: MetricsFile.Line, _ histograms: [String: ValueHistogram] = [:]) throws {
        try metrics?.append(line)
        try events?.append(line, histograms)
    }

    /// Removes the progress line and says in one sentence what the run was like; collective.
    mutating func end(log: TrainingLog) throws {
        _ = try interval()
        if showsProgress { Console.showProgress("") }
        guard total.iterations > 0, total.seconds > 0 else { return }
        let rate = Double(total.iterations * pairsPerIteration) / total.seconds
        func percent(_ part: Double) -> String { String(format: "%.1f %%", 100 * part / total.seconds) }
        log.say(
            "\(total.iterations) iterations at \(TrainingLog.format(rate)) pairs/s; waiting for data took "
                + "\(percent(totalDataWait)) of the time, the exchange of gradients \(percent(totalExchange))"
        )
    }

    private func grouped(_ outputs: [TrainingLog.Output]) -> [String: [Double]] {
        Dictionary(grouping: outputs, by: \.name).mapValues { $0.map(\.value) }
    }
}
