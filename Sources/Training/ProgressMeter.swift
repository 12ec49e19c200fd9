import Comm
import Foundation

/// Measures where the time goes, and shows it: the progress line, and the metrics file's lines.
struct ProgressMeter {
    /// The time since the last display, without tests and snapshots.
    struct Interval {
        var iterations = 0
        var seconds = 0.0
        /// The largest of any rank.
        var waitSeconds = 0.0
        var exchangeSeconds = 0.0
    }

    private let communicator: any Communicator
    private let metrics: MetricsFile?
    private let pairsPerIteration: Int
    private let maxIteration: Int
    private let showsProgress: Bool
    private var current = Interval()
    private var total = Interval()
    private var clock = Date.now

    init(plan: TrainingPlan, communicator: any Communicator) {
        self.communicator = communicator
        metrics = communicator.isRankZero ? MetricsFile(path: plan.snapshotPrefix + ".metrics.jsonl") : nil
        pairsPerIteration = plan.batchSize * plan.settings.iterSize
        maxIteration = plan.settings.maxIteration
        showsProgress = communicator.isRankZero && plan.options.showsProgress
    }

    mutating func begin() {
        clock = .now
        current = Interval()
    }

    mutating func waited(_ seconds: Double) { current.waitSeconds += seconds }

    mutating func exchanging(_ body: () throws -> Void) rethrows {
        let start = Date.now
        try body()
        current.exchangeSeconds += Date.now.timeIntervalSince(start)
    }

    /// Takes the time since the last step out of the account: a test or a snapshot.
    mutating func skipTime() { clock = .now }

    /// Counts a step, and shows the progress line on a terminal.
    mutating func stepped(iteration: Int, loss: Double) {
        let now = Date.now
        current.seconds += now.timeIntervalSince(clock)
        current.iterations += 1
        clock = now
        guard showsProgress else { return }
        let seconds = (total.seconds + current.seconds) / Double(total.iterations + current.iterations)
        let left = Duration.seconds(seconds * Double(maxIteration - iteration))
        let rate = TrainingLog.format((Double(pairsPerIteration) / seconds).rounded())
        Console.showProgress(
            "iteration \(iteration) of \(maxIteration)  loss \(TrainingLog.format(loss))  \(rate) pairs/s  "
                + "\(left.formatted(.time(pattern: .hourMinuteSecond))) left")
    }

    /// Closes the interval at a display; collective, as the slowest rank's waits count.
    mutating func interval() throws -> Interval {
        var closed = current
        var waits = [Int(closed.waitSeconds * 1e6), Int(closed.exchangeSeconds * 1e6)]
        try communicator.allReduceMaximum(&waits)
        closed.waitSeconds = Double(waits[0]) / 1e6
        closed.exchangeSeconds = Double(waits[1]) / 1e6
        total.iterations += closed.iterations
        total.seconds += closed.seconds
        total.waitSeconds += closed.waitSeconds
        total.exchangeSeconds += closed.exchangeSeconds
        current = Interval()
        return closed
    }

    func record(_ report: Trainer.StepReport, smoothed: Double, rate: Float, interval: Interval) throws {
        let share = max(interval.seconds, .leastNormalMagnitude)
        try metrics?.append(
            MetricsFile.Line(
                phase: "train", iteration: report.iteration, loss: report.loss, smoothedLoss: smoothed,
                learningRate: rate, pairsPerSecond: Double(interval.iterations * pairsPerIteration) / share,
                dataWait: interval.waitSeconds / share, exchange: interval.exchangeSeconds / share,
                seconds: interval.seconds, outputs: grouped(report.outputs)))
    }

    func record(test result: TestResult, net index: Int, at iteration: Int) throws {
        try metrics?.append(
            MetricsFile.Line(phase: "test \(index)", iteration: iteration, outputs: grouped(result.outputs)))
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
                + "\(percent(total.waitSeconds)) of the time, the exchange of gradients \(percent(total.exchangeSeconds))"
        )
    }

    private func grouped(_ outputs: [TrainingLog.Output]) -> [String: [Double]] {
        Dictionary(grouping: outputs, by: \.name).mapValues { $0.map(\.value) }
    }
}
