import ArgumentParser
import Comm
import Foundation
import Nets
import Tensors
import Training

struct TimeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "time",
        abstract: "Times whole training steps, layer by layer, beside the machine's peak.",
        discussion: """
            Runs forward, backward, the exchange of gradients and the update (SGD with momentum) on random pictures, so it
            needs no list; with --phase TEST forward only. The peak is the best that this machine's multiply-adds reach,
            measured before and after with the same threads; the last line compares. Operations are counted as direct
            convolution needs them, so Winograd's kernels can pass 100 % (with --engine DNNL every kernel is direct).
            Under mpirun each rank runs its shard of the batch, all at once; the table is rank zero's.
            """)

    @Option(help: ArgumentHelp("The net's prototxt.", valueName: "file"))
    var model: String

    @Option(help: "The phase: TRAIN or TEST.")
    var phase = NetContext.Phase.train

    @Option(help: "How many steps to time, after two to warm up.")
    var iterations = 10

    @Option(help: ArgumentHelp("Write the figures to this file as well.", valueName: "file"))
    var json: String?

    @Option(help: TimelineArguments.fileHelp)
    var timeline: String?

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var exchange: ExchangeArguments
    @OptionGroup var deterministic: DeterministicArguments
    @OptionGroup var watch: WatchArguments

    func validate() throws {
        if iterations < 1 { throw ValidationError("--iterations \(iterations): give 1 or more") }
    }

    func run() throws {
        let threads = deterministic.threads(compute.threads)
        try Job.run(threads: threads, stallTimeout: watch.stallTimeout) { communicator, log in
            if deterministic.deterministic {
                try communicator.together {
                    try DeterministicOptions.check(exchange: exchange.options, placement: exchange.placement)
                }
                try DeterministicOptions.checkProcessors(over: communicator)
            }
            let precision = try compute.precision.agreed(over: communicator, log: log)
            try communicator.barrier()
            var peak = MachinePeak.measure()
            let team = try Team(communicator, placement: exchange.placement)
            let definition = try communicator.together { try PhaseNet.load(model, phase: phase) }
            var options = RunOptions()
            compute.fill(&options)
            options.deterministic = deterministic.options
            let kernels = try KernelChoices.measure(
                for: definition, options: options, communicator: communicator, log: log)
            let net = try communicator.together {
                try definition.netWithoutData(
                    options: options, engine: compute.engine, precision: precision, kernels: kernels, team: team)
            }
            let benchmark = try StepBenchmark(net, options: exchange.options, communicator: team.own)
            if let plan = benchmark.exchangePlan, communicator.size > 1 { log.say("exchange: \(plan.summary)") }
            let seconds = try time(benchmark, communicator)
            let spans = benchmark.timeline.take()
            try communicator.barrier()
            peak = max(peak, MachinePeak.measure())
            if communicator.isRankZero { print(StepTable(spans, of: net, steps: iterations, passes: benchmark.passes)) }
            let figures = try StepFigures(benchmark, seconds: seconds, peak: peak, communicator)
            if let timeline { try TimelineFile.write(spans, of: benchmark.timeline, to: timeline, over: communicator) }
            benchmark.close()
            guard communicator.isRankZero else { return }
            print(figures)
            if let json { try JSONEncoder().encode(figures).write(to: URL(fileURLWithPath: json)) }
        }
    }

    /// The seconds of each step, of the slowest rank.
    private func time(_ benchmark: StepBenchmark, _ communicator: any Communicator) throws -> [Double] {
        for _ in 0..<2 { try benchmark.step() }
        _ = benchmark.timeline.take()
        try communicator.barrier()
        let clock = ContinuousClock()
        var nanoseconds = try (0..<iterations).map { _ in
            Int(try clock.measure { try benchmark.step() } / .nanoseconds(1))
        }
        try communicator.allReduceMaximum(&nanoseconds)
        return nanoseconds.map { Double($0) * 1e-9 }
    }
}

/// What `time` has found, over all ranks.
private struct StepFigures: Encodable, CustomStringConvertible {
    var stepSeconds: Double
    let stepSecondsAll: [Double]
    let gflop: Double
    let gflops: Double
    let peakGflops: Double
    let shareOfPeak: Double
    let ranks: Int
    let threads: Int
    let bytesSent: Int
    let peakRssBytes: Int

    enum CodingKeys: String, CodingKey {
        case stepSeconds = "step_seconds"
        case stepSecondsAll = "step_seconds_all"
        case gflop, gflops, ranks, threads
        case peakGflops = "peak_gflops"
        case shareOfPeak = "share_of_peak"
        case bytesSent = "bytes_sent"
        case peakRssBytes = "peak_rss_bytes"
    }

    /// Collective.
    init(_ benchmark: StepBenchmark, seconds: [Double], peak: Double, _ communicator: any Communicator) throws {
        var sums = [peak, Workload.operationsPerStep(of: benchmark.net) * Double(benchmark.passes) / 1e9]
        try communicator.allReduceSum(&sums)
        var memory = [Machine.peakResidentBytes]
        try communicator.allReduceMaximum(&memory)
        stepSecondsAll = seconds
        stepSeconds = seconds.sorted()[seconds.count / 2]
        gflop = sums[1]
        gflops = gflop / stepSeconds
        peakGflops = sums[0]
        shareOfPeak = gflops / peakGflops
        ranks = communicator.size
        threads = Threads.count
        bytesSent = benchmark.exchangePlan?.bytesSent ?? 0
        peakRssBytes = memory[0]
    }

    var description: String {
        String(
            format: """
                machine peak %.1f GFLOP/s on %d rank(s) of %d thread(s); peak memory of a rank %.2f GB
                step %.1f ms (median of %d, %.1f to %.1f), %.1f GFLOP: %.1f GFLOP/s, %.1f %% of peak
                """, peakGflops, ranks, threads, Double(peakRssBytes) / 1e9, stepSeconds * 1e3, stepSecondsAll.count,
            (stepSecondsAll.min() ?? 0) * 1e3, (stepSecondsAll.max() ?? 0) * 1e3, gflop, gflops, 100 * shareOfPeak)
    }
}
