import ArgumentParser
import Comm
import Foundation
import Nets
import Pairs
import Tensors
import Training

struct FeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed",
        abstract: "Measures how many pairs a second this machine decodes for a net, computing nothing.",
        discussion: """
            Reads the pairs of the net's data layers, lists of images or databases, as a training would. A pass over all
            pairs, or as long as is measured, comes first, so that the system has files at hand and --cache is filled.
            "A core" is by processor time: what one core does when it does nothing else.
            Under mpirun each rank reads its shard of each batch, all at once.
            """)

    @Option(help: ArgumentHelp("The net's prototxt.", valueName: "file"))
    var model: String

    @Option(help: "The phase: TRAIN or TEST.")
    var phase = NetContext.Phase.train

    @Option(help: "How many seconds to measure.")
    var seconds = 5.0

    @Option(help: ArgumentHelp("Also write the figures to this file, as a JSON object.", valueName: "file"))
    var json: String?

    @OptionGroup var input: InputOptions

    func validate() throws {
        guard seconds > 0, seconds.isFinite else { throw ValidationError("--seconds \(seconds): give more than 0") }
    }

    func run() throws {
        try Job.run { communicator, log in
            let options = input.runOptions()
            let source = try communicator.together {
                let definition = try PhaseNet.load(model, phase: phase)
                return try PhaseInput(
                    definition, batchSize: try definition.batchSize(), seed: 1, options: options,
                    communicator: communicator)
            }
            defer { source.stop() }
            log.say(source.sentence)
            let measured = try communicator.together {
                let watch = FeedWatch(source, options.decoding.cache)
                _ = try watch.run(pairs: source.source.count / communicator.size, seconds: seconds)
                return try watch.run(seconds: seconds)
            }
            let figures = try FeedFigures(measured, of: source, communicator, options: input)
            guard communicator.isRankZero else { return }
            print(figures)
            if let json { try figures.write(to: json) }
        }
    }
}

/// Takes batches from a loader with a clock on it.
private struct FeedWatch {
    /// What one rank has done.
    struct Passage {
        var pairs = 0
        var seconds = 0.0
        /// Of all threads of the process.
        var processorSeconds = 0.0
        /// Images that were in the cache, and that were not.
        var found = 0
        var missed = 0
    }

    private let input: PhaseInput
    private let cache: PictureCache?
    private let data: [Blob]
    private let labels: [Blob]

    init(_ input: PhaseInput, _ cache: PictureCache?) {
        self.input = input
        self.cache = cache
        let count = input.context.shard.count
        data = input.source.sampleShapes.map { Blob(Shape([count] + $0.dims)) }
        labels = [Blob([count])]
    }

    /// Takes batches until there are so many pairs or so many seconds have passed, at least one batch.
    func run(pairs: Int = .max, seconds: Double) throws -> Passage {
        var passage = Passage()
        let (start, processor, before) = (ContinuousClock.now, Self.processorSeconds, cache?.statistics)
        repeat {
            _ = try input.loadNext(into: data, labels: labels)
            passage.pairs += input.context.shard.count
            passage.seconds = start.duration(to: .now) / .seconds(1)
        } while passage.pairs < pairs && passage.seconds < seconds
        passage.processorSeconds = Self.processorSeconds - processor
        if let before, let after = cache?.statistics {
            passage.found = after.found - before.found
            passage.missed = after.missed - before.missed
        }
        return passage
    }

    private static var processorSeconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// What all ranks have done together.
private struct FeedFigures: Encodable, CustomStringConvertible {
    private let pairs: Int
    /// Of the slowest rank.
    private let seconds: Double
    private let pairsPerSecond: Double
    private let processorSeconds: Double
    private let pairsPerCoreSecond: Double
    private let decodingThreads: Int
    private let ranks: Int
    private let batchSize: Int
    private let fastDecode: Bool
    /// Of each rank; nil without a cache, as the share of images that were in it.
    private let cacheBytes: Int?
    private let cacheHitRate: Double?

    /// Collective.
    init(
        _ passage: FeedWatch.Passage, of input: PhaseInput, _ communicator: any Communicator, options: InputOptions
    ) throws {
        var sums = [Double(passage.pairs), Double(passage.pairs) / passage.seconds, passage.processorSeconds]
        sums += [Double(passage.found), Double(passage.missed)]
        try communicator.allReduceSum(&sums)
        var slowest = [Int(passage.seconds * 1e6)]
        try communicator.allReduceMaximum(&slowest)
        pairs = Int(sums[0])
        seconds = Double(slowest[0]) / 1e6
        pairsPerSecond = sums[1]
        processorSeconds = sums[2]
        pairsPerCoreSecond = sums[0] / sums[2]
        decodingThreads = options.decodingThreads
        ranks = communicator.size
        batchSize = input.batchSize
        fastDecode = options.fastDecode
        cacheBytes = options.cache?.bytes
        cacheHitRate = options.cache.map { _ in sums[3] / max(1, sums[3] + sums[4]) }
    }

    var description: String {
        let cache = cacheHitRate.map { String(format: ", %.1f %% of the images out of the cache", 100 * $0) }
        return String(
            format: "%.1f pairs/s on %d decoding thread(s) of %d rank(s), %.1f pairs/s a core", pairsPerSecond,
            decodingThreads, ranks, pairsPerCoreSecond) + (cache ?? "")
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let object = try encoder.encode(self) + Data("\n".utf8)
        try AtomicFile.write(to: path) { append in try append(object) }
    }
}
