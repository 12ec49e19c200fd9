import ArgumentParser
import Comm
import Foundation
import Nets
import Tensors
import Training

struct TimeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "time",
        abstract: "Times each layer forward and backward, beside the machine's sgemm peak.",
        discussion: """
            Runs the net on random pictures, so it needs no list. The peak is the best that large square sgemm calls
            reach here, measured before and after with the same threads; the last line compares.
            Under mpirun each rank runs its shard of the batch, all at once.
            """)

    @Option(help: ArgumentHelp("The net's prototxt.", valueName: "file"))
    var model: String

    @Option(help: "The phase: TRAIN or TEST.")
    var phase = NetContext.Phase.train

    @Option(help: "How many passes to time, after two to warm up.")
    var iterations = 10

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        if iterations < 1 { throw ValidationError("--iterations \(iterations): give 1 or more") }
    }

    func run() throws {
        try Job.run(threads: compute.threads) { communicator, log in
            let precision = try compute.precision.agreed(over: communicator, log: log)
            let net = try PhaseNet.load(model, phase: phase).netWithoutData(
                engine: compute.engine, precision: precision, rank: communicator.rank, worldSize: communicator.size)
            net.parameters.fill(seed: 1)
            net.fillInputsAtRandom()
            try communicator.barrier()
            var peak = SgemmPeak.measure()
            var watch = LayerWatch(net)
            for _ in 0..<2 { try watch.run() }
            watch.reset()
            try communicator.barrier()
            for _ in 0..<iterations { try watch.run() }
            try communicator.barrier()
            peak = max(peak, SgemmPeak.measure())
            var peaks = [peak]
            try communicator.allReduceSum(&peaks)
            if communicator.isRankZero { print(watch.report(peak: peak)) }
            try printTotal(watch, peakOfAll: peaks[0], communicator)
        }
    }

    /// All ranks' work against the slowest rank's time.
    private func printTotal(_ watch: LayerWatch, peakOfAll: Double, _ communicator: any Communicator) throws {
        var work = [watch.operationsPerPass]
        try communicator.allReduceSum(&work)
        var slowest = [Int(watch.secondsPerPass * 1e9)]
        try communicator.allReduceMaximum(&slowest)
        guard communicator.isRankZero else { return }
        let seconds = Double(slowest[0]) / 1e9
        let rate = work[0] / seconds / 1e9
        print(
            String(
                format: "sgemm peak %.1f GFLOP/s on %d rank(s) of %d thread(s)", peakOfAll, communicator.size,
                Threads.count))
        print(
            String(
                format: "step %.1f ms, %.1f GFLOP: %.1f GFLOP/s, %.1f %% of peak", seconds * 1e3, work[0] / 1e9, rate,
                100 * rate / peakOfAll))
    }
}

/// Runs a net's layers one by one with a clock on each.
private struct LayerWatch {
    private let net: Net
    private var forward: [Duration]
    private var backward: [Duration]
    private var passes = 0

    init(_ net: Net) {
        self.net = net
        forward = net.steps.map { _ in .zero }
        backward = forward
    }

    mutating func reset() { self = LayerWatch(net) }

    mutating func run() throws {
        let clock = ContinuousClock()
        net.parameters.clearGradients()
        for (index, step) in net.steps.enumerated() {
            forward[index] += try clock.measure { try step.layer.forward(bottom: step.bottom, top: step.top) }
        }
        for (index, step) in net.steps.enumerated().reversed() where step.needsBackward {
            backward[index] += try clock.measure {
                try step.layer.backward(top: step.top, propagateDown: step.propagateDown, bottom: step.bottom)
            }
        }
        passes += 1
    }

    var secondsPerPass: Double { (forward + backward).reduce(.zero, +) / .seconds(1) / Double(max(passes, 1)) }

    /// Two for each multiply-add.
    var operationsPerPass: Double {
        net.steps.reduce(0) { $0 + 2 * Double(Workload.forward($1) + Workload.backward($1)) }
    }

    func report(peak: Double) -> TextTable {
        var table = TextTable(["layer", "type", "forward ms", "GFLOP/s", "backward ms", "GFLOP/s"])
        table.alignRight(2, 3, 4, 5)
        for (index, step) in net.steps.enumerated() {
            let ahead = forward[index] / .seconds(1) / Double(max(passes, 1))
            let back = backward[index] / .seconds(1) / Double(max(passes, 1))
            table.add([
                step.layer.name, step.layer.type, Self.milliseconds(ahead), Self.rate(Workload.forward(step), ahead),
                step.needsBackward ? Self.milliseconds(back) : "", Self.rate(Workload.backward(step), back),
            ])
        }
        return table
    }

    private static func milliseconds(_ seconds: Double) -> String { String(format: "%.2f", seconds * 1e3) }

    private static func rate(_ multiplyAdds: Int, _ seconds: Double) -> String {
        multiplyAdds == 0 ? "" : String(format: "%.1f", 2 * Double(multiplyAdds) / seconds / 1e9)
    }
}
