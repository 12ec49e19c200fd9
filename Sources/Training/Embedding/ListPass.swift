package import Comm
import Nets
package import Pairs
import Tensors

/// Runs a net over each sample of its lists exactly once, on all ranks, and hands what some of its blobs hold to rank zero,
/// in the order of the lists.
///
/// No sample comes twice, whatever the batch size and the number of ranks: the last batch is as small as it must be. Where
/// bad images are skipped, samples that have one are left out, and told of.
package final class ListPass {
    /// Some samples, in the order of the lists; on other ranks than zero none.
    package struct Batch {
        /// Their places in the lists.
        package let indices: [Int]
        /// For each blob its values, sample after sample.
        package let rows: [[Float]]
        /// How many samples the pass has seen with these, those left out among them.
        package let seen: Int
    }

    /// A net that is to be run, and with what.
    package struct Request {
        /// A phase TEST, with data layers.
        package var definition: PhaseNet
        /// The blobs that are wanted: tops that no layer reads.
        package var blobs: [String]
        /// Whose weights it gets.
        package var trained: TrainedNet
        package var options: RunOptions

        package init(_ definition: PhaseNet, blobs: [String], trained: TrainedNet, options: RunOptions) {
            self.definition = definition
            self.blobs = blobs
            self.trained = trained
            self.options = options
        }
    }

    private let parts: [PassPart]
    private let blobs: [String]
    private let communicator: any Communicator
    private let badImages: BadImageReport?
    /// How many values each blob has of a sample.
    package let lengths: [Int]
    /// How many samples were left out so far, on rank zero.
    package private(set) var leftOut = 0

    package var source: any PairSource { parts[0].input.source }
    package var count: Int { source.count }

    /// Reads the lists, sets up the nets and loads the weights; collective.
    ///
    /// - Throws: what is wrong with lists, net or weights; weights that a file lacks are an error here, since nothing that
    ///   was not trained should be deployed.
    package init(_ request: Request, communicator: any Communicator, log: TrainingLog) throws {
        var options = request.options
        options.precision = try options.precision.agreed(over: communicator, log: log)
        blobs = request.blobs
        self.communicator = communicator
        let team = Team(communicator)
        let made = try communicator.together {
            let parts = try PassPart.parts(
                of: request.definition, batchSize: try request.definition.batchSize(), seed: 1, options: options,
                owner: nil, iterations: nil, team: team)
            for part in parts { try part.input.check(communicator) }
            try parts[0].net.loadAllWeights(of: request.trained, log: log)
            return (parts: parts, lengths: try request.blobs.map { try Self.length(of: $0, in: parts[0]) })
        }
        (parts, lengths) = made
        badImages = BadImageReport(
            options.decoding.badImages, of: parts.map(\.input), prefix: nil, team: team, log: log)
        log.say(parts[0].input.sentence)
    }

    private static func length(of name: String, in part: PassPart) throws -> Int {
        guard let output = part.net.outputs.first(where: { $0.name == name }) else {
            throw NetError("blob \"\(name)\" is no output of the net")
        }
        let (values, samples) = (output.blob.count, part.input.context.shard.count)
        guard output.blob.shape.axes > 0, output.blob.shape[0] == samples else {
            throw NetError("blob \"\(name)\" of shape \(output.blob.shape) has no values for each of \(samples) images")
        }
        return values / samples
    }

    /// Runs over the lists; collective.
    ///
    /// - Parameter take: gets each batch in order, on every rank; what it throws on one ends all.
    package func run(_ take: (Batch) throws -> Void) throws {
        defer { for part in parts { part.input.stop() } }
        for part in parts {
            let counts = Shard.counts(batch: part.input.batchSize, worldSize: communicator.size)
            let buffers = lengths.map { FloatStorage(count: part.input.batchSize * $0) }
            part.input.start(atPosition: part.start)
            for number in 0..<part.batches {
                try communicator.together {
                    _ = try part.input.loadNext(into: part.net)
                    try part.net.forward()
                }
                try gather(part, counts, into: buffers)
                let samples = try readable(part, counts)
                let first = part.start + number * part.input.batchSize
                let batch = Batch(
                    indices: samples.map { first + $0 },
                    rows: zip(buffers, lengths).map { buffer, length in
                        samples.flatMap { buffer.array($0 * length..<($0 + 1) * length) }
                    }, seen: first + part.input.batchSize)
                try communicator.together { try take(batch) }
            }
        }
    }

    /// What the list says of each image of a `TowerPass`; nil where it says nothing.
    package func labels(of batch: Batch) -> [Float]? {
        batch.rows.count > 1 && !(source is ImagePairs && source.labels == nil) ? batch.rows[1] : nil
    }

    /// The samples of a batch that show their own pair, and not one that stands in for a bad one; on rank zero.
    private func readable(_ part: PassPart, _ counts: [Int]) throws -> [Int] {
        guard let badImages else { return communicator.isRankZero ? Array(0..<part.input.batchSize) : [] }
        try badImages.collect()
        var isReplaced = [Int](repeating: 0, count: part.input.batchSize)
        let offset = counts[..<communicator.rank].reduce(0, +)
        for sample in 0..<counts[communicator.rank] where part.input.isReplaced(sample: sample) {
            isReplaced[offset + sample] = 1
        }
        try communicator.allReduceMaximum(&isReplaced)
        guard communicator.isRankZero else { return [] }
        let samples = isReplaced.indices.filter { isReplaced[$0] == 0 }
        leftOut += isReplaced.count - samples.count
        return samples
    }

    /// Puts each rank's rows in their place in rank zero's buffers.
    private func gather(_ part: PassPart, _ counts: [Int], into buffers: [FloatStorage]) throws {
        for (index, name) in blobs.enumerated() {
            guard let blob = part.net.blob(name) else { preconditionFailure("no blob \(name)") }
            let offset = counts[..<communicator.rank].reduce(0, +) * lengths[index]
            buffers[index].copy(blob.dataArray, at: offset)
            try buffers[index].withMutableSpan { (all: inout MutableSpan<Float>) in
                try communicator.gather(&all, counts: counts.map { $0 * lengths[index] })
            }
        }
    }
}
