package import Tensors

/// Hands out this rank's part of each global batch as floats, decoded ahead by worker threads.
///
/// The batches are the same whatever the number of threads, and those of all ranks together are those of one rank.
/// The floats and pixels have their memory from the start on. For one caller at a time.
package final class PairLoader {
    /// What to load; everything that the batches depend on but the position.
    package struct Configuration: Sendable {
        package var source: any PairSource
        package var order: PairOrder
        package var shard: Shard
        /// How many samples of the shard `next` hands out at a time; nil for all of them.
        package var piece: Int?
        /// How many threads read and decode, at least one.
        package var threads: Int
        /// How many batches are finished or under way at most; each takes the memory of the input blobs.
        package var batchesAhead: Int
        /// Where bad pairs are noted that others replace; nil where one is an error.
        package var bad: BadPairs?

        package init(
            source: any PairSource, order: PairOrder, shard: Shard, piece: Int? = nil, threads: Int = 1,
            batchesAhead: Int = 2, bad: BadPairs? = nil
        ) {
            self.source = source
            self.order = order
            self.shard = shard
            self.piece = piece
            self.threads = threads
            self.batchesAhead = batchesAhead
            self.bad = bad
        }
    }

    /// What `next` hands over beside the blobs.
    package struct Delivery: Equatable, Sendable {
        /// The global position of the first sample, for what else is random in the net.
        package let firstPosition: Int
        /// Which samples of the global batch these are.
        package let samples: Range<Int>
        /// How long the caller waited for data, in seconds.
        package let waitSeconds: Double
        /// The pair that each sample shows.
        package let pairs: [Int]
    }

    /// C × H × W of a sample of each column.
    package let sampleShapes: [Shape]
    private let configuration: Configuration
    private let queue: LoaderQueue
    private let ring: BatchRing
    /// How many samples of the next batch have been handed out.
    private var handedOut = 0

    /// Starts the threads at a global position.
    package init(_ configuration: Configuration, startingAt position: Int = 0) {
        precondition(configuration.threads >= 1 && configuration.batchesAhead >= 1 && position >= 0)
        let (shard, depth) = (configuration.shard, configuration.batchesAhead)
        sampleShapes = configuration.source.sampleShapes
        let ring = BatchRing(depth: depth, samples: shard.count, shapes: sampleShapes)
        let queue = LoaderQueue(batchSize: shard.batch, samples: shard.count, depth: depth, start: position)
        for thread in 0..<configuration.threads {
            queue.startThread(name: "pairs \(thread)") {
                LoaderWorker(configuration, ring: ring, queue: queue).run()
            }
        }
        let piece = configuration.piece ?? shard.count
        precondition(shard.count.isMultiple(of: piece), "a shard of \(shard.count) in pieces of \(piece)")
        self.configuration = configuration
        self.ring = ring
        self.queue = queue
    }

    deinit { stop() }

    /// Waits until the next batch is whole, so that what is wrong with its images is known; the batch stays.
    package func prepare() throws(LoadError) {
        _ = try queue.waitForBatch()
    }

    /// Whether `next` begins a batch, and so may wait or throw.
    package var beginsBatch: Bool { handedOut == 0 }

    /// Copies this rank's part of the next batch into the blobs, or the next piece of it.
    ///
    /// - Parameters:
    ///   - data: a plain blob a column, shard.count (or piece) × C × H × W.
    ///   - labels: any number of blobs of as many values; each gets the labels.
    ///
    /// Throws the error of the lowest position in the batch; the loader stays at that batch.
    package func next(into data: [Blob], labels: [Blob]) throws(LoadError) -> Delivery {
        let begin = ContinuousClock.now
        let (slot, batchStart, pairs) = try queue.waitForBatch()
        let waited = begin.duration(to: .now)
        let shard = configuration.shard.range
        let samples = handedOut..<handedOut + (configuration.piece ?? shard.count)
        ring.copy(slot, samples, into: data, labels: labels)
        handedOut = samples.upperBound % shard.count
        if handedOut == 0 { queue.release() }
        let first = shard.lowerBound + samples.lowerBound
        return Delivery(
            firstPosition: batchStart + first, samples: first..<first + samples.count,
            waitSeconds: waited / .seconds(1), pairs: Array(pairs[samples]))
    }

    /// Goes on at another global position, as each test pass does at 0; costs nothing if the loader is there already.
    package func restart(at position: Int) {
        precondition(position >= 0, "position \(position)")
        handedOut = 0
        queue.restart(at: position)
    }

    /// Ends the threads, each after the sample that it is at; the loader is of no use afterwards.
    package func stop() {
        queue.stop()
    }
}
