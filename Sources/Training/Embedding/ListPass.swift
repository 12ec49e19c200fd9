package import Comm
package import Nets
package import Pairs
import Tensors

/// Runs a net over each sample of its lists exactly once, on all ranks, and hands what some of its blobs hold to rank zero,
/// in the order of the lists.
///
/// No sample comes twice, whatever the batch size and the number of ranks: the last batch is as small as it must be.
package final class ListPass {
    /// Some samples one after the other.
    package struct Batch {
        /// The place of the first in the lists.
        package let first: Int
        package let count: Int
        /// For each blob its values, sample after sample; empty on other ranks than zero.
        package let rows: [[Float]]
    }

    /// A net that is to be run, and with what.
    package struct Request {
        /// A phase TEST, with data layers.
        package var definition: PhaseNet
        /// The blobs that are wanted: tops that no layer reads.
        package var blobs: [String]
        package var weights: [String]
        package var map: SuffixRule?
        package var options: RunOptions

        package init(
            _ definition: PhaseNet, blobs: [String], weights: [String], map: SuffixRule? = nil, options: RunOptions
        ) {
            self.definition = definition
            self.blobs = blobs
            self.weights = weights
            self.map = map
            self.options = options
        }
    }

    private let parts: [PassPart]
    private let blobs: [String]
    private let communicator: any Communicator
    /// How many values each blob has of a sample.
    package let lengths: [Int]

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
            try parts[0].net.loadAllWeights(fromFiles: request.weights, map: request.map, log: log)
            return (parts: parts, lengths: try request.blobs.map { try Self.length(of: $0, in: parts[0]) })
        }
        (parts, lengths) = made
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
                let rows = communicator.isRankZero ? buffers.map { $0.array(0..<$0.count) } : []
                try communicator.together {
                    try take(
                        Batch(
                            first: part.start + number * part.input.batchSize, count: part.input.batchSize, rows: rows))
                }
            }
        }
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

extension Net {
    /// Takes the weights of files, and refuses a layer that is left without.
    package func loadAllWeights(fromFiles files: [String], map: SuffixRule?, log: TrainingLog) throws {
        let report = try loadWeights(fromFiles: files, map: map, log: log)
        guard let layer = report.first else { return }
        throw NetError(
            "layer \(layer) has weights, but none of \(files.joined(separator: ", ")) has any for it; give the caffemodel "
                + "of this net's own training, or --map")
    }
}
