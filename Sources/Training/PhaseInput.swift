import CaffeProto
package import Comm
import Foundation
package import Nets
package import Pairs
package import Tensors

/// The pairs of one phase on their way into a net: the lists or databases that its data layers name, their order, this
/// rank's shard, and the loader that decodes ahead.
package final class PhaseInput {
    package let context: NetContext
    package let source: any PairSource
    /// Pairs of a batch over all ranks.
    package let batchSize: Int
    package let isShuffled: Bool
    private let loader: PairLoader
    private let shard: Shard
    private let order: PairOrder

    /// Reads the lists or opens the databases, and looks at the first images; decoding begins with `start`.
    ///
    /// - Parameters:
    ///   - column: the one data layer, by its number, of a rank that carries one tower.
    ///   - thread: who talks to other ranks during backward, if anybody does.
    package init(
        _ definition: PhaseNet, column: Int? = nil, batchSize: Int, seed: UInt64, options: RunOptions, team: Team,
        thread: CommunicationThread? = nil
    ) throws {
        let layers = definition.dataLayers
        shard = try definition.shard(of: batchSize, rank: team.own.rank, worldSize: team.own.size)
        self.batchSize = batchSize
        let whole = try Self.source(of: definition, seed: seed, options: options)
        let columns = column.map { [$0] } ?? Array(layers.indices)
        source = column == nil ? whole : ColumnPairs(whole, columns: columns)
        isShuffled = layers.contains { $0.imageDataParam.shuffle || $0.dataParam.shuffle }
        let skip = layers.first.map { max($0.imageDataParam.randSkip, $0.dataParam.randSkip) } ?? 0
        order = PairOrder(
            count: source.count, seed: seed, shuffled: isShuffled, randSkip: definition.phase == .train ? Int(skip) : 0)
        loader = PairLoader(.init(source: source, order: order, shard: shard, threads: options.decodingThreads))
        context = NetContext(
            phase: definition.phase, seed: seed, defaultEngine: options.engine, precision: options.precision,
            globalBatch: batchSize, shard: shard.range,
            sampleShapes: Dictionary(uniqueKeysWithValues: zip(columns.map { layers[$0].name }, loader.sampleShapes)),
            reducer: BatchSum(communicator: team.own, thread: thread), keepsBlobs: false,
            kernels: options.kernels, partner: team.partner)
    }

    /// The pairs that the data layers of a phase name, and what each layer makes of them.
    static func source(of definition: PhaseNet, seed: UInt64, options: RunOptions) throws -> any PairSource {
        let layers = definition.dataLayers
        let databases = layers.filter { $0.type == "Data" }
        if databases.isEmpty {
            let columns = try layers.enumerated().map { index, layer in
                try ImageColumn(layer, list: index, of: definition, seed: seed)
            }
            return try ImagePairs(
                try list(of: definition, options: options), columns: columns, options: options.decoding)
        }
        guard databases.count == layers.count else {
            throw NetError(
                "the \(definition.phase.rawValue) net has data layers of both kinds, ImageData and Data; whose pairs "
                    + "belong together can't be known, so give all its data one kind")
        }
        return try RecordPairs(try databases.map { try RecordPairs.Column($0, of: definition, seed: seed) })
    }

    /// The lists that the ImageData layers of a phase name, read together.
    private static func list(of definition: PhaseNet, options: RunOptions) throws -> PairList {
        try PairList(
            definition.dataLayers.map { layer in
                PairList.Source(
                    file: layer.imageDataParam.source,
                    rootFolder: options.rootFolder ?? layer.imageDataParam.rootFolder)
            }, baseDirectory: definition.directory)
    }

    /// Looks for every image of the lists, and decodes the first batch; what is wrong is thrown with its place.
    ///
    /// One rank of a host looks for all, the others trust it.
    func check(_ communicator: any Communicator) throws {
        if communicator.localRank == 0 {
            let missing = source.missingImages(limit: 10)
            guard missing.isEmpty else { throw MissingImages(missing) }
        }
        try loader.prepare()
    }

    /// The first images that the lists name and that are not there.
    private struct MissingImages: Error, CustomStringConvertible {
        let description: String

        init(_ missing: [PairList.MissingImage]) {
            let lines = missing.map(\.description).joined(separator: "\n")
            let hint =
                "paths are tried from the working directory, then beside the net; --root-folder is put before them"
            description = "\(lines)\n(\(hint))"
        }
    }

    /// Begins to decode at a batch, counted from the start of training.
    package func start(at batch: Int) { start(atPosition: batch * batchSize) }

    /// Begins to decode at a position, counted in pairs from the start of training.
    package func start(atPosition position: Int) { loader.restart(at: position) }

    /// Fills the net's data layers with this rank's part of the next batch; returns the seconds spent waiting for it.
    package func loadNext(into net: Net) throws -> Double {
        let steps = net.steps.filter { DataLayers.types.contains($0.layer.type) }
        return try loadNext(
            into: steps.map { $0.top[0] }, labels: steps.compactMap { $0.top.count > 1 ? $0.top[1] : nil })
    }

    /// The same into blobs: one a data layer, and any number for the labels.
    package func loadNext(into data: [Blob], labels: [Blob]) throws -> Double {
        let delivery = try loader.next(into: data, labels: labels)
        context.firstPosition = delivery.firstPosition
        return delivery.waitSeconds
    }

    package func stop() { loader.stop() }

    /// The pairs of some samples of the batch that is in the net: "train1.txt:17: a.jpg and train2.txt:17: b.jpg".
    package func names(ofSamples samples: some Sequence<Int>) -> [String] {
        samples.map { sample in
            let index = order.index(at: context.firstPosition + sample)
            return source.names(of: index).joined(separator: " and ")
        }
    }

    /// "train1.txt and train2.txt: 20 pairs (label 0: 9, label 1: 11)".
    package var sentence: String {
        let labels = source.labelCounts?.map { "label \(TrainingLog.format(Double($0.label))): \($0.count)" }
        let counts = labels.map { " (\($0.joined(separator: ", ")))" } ?? ""
        return "\(source.files.joined(separator: " and ")): \(source.count) pairs\(counts)"
    }
}

/// Sums over the ranks what a layer must know of the whole batch.
private struct BatchSum: BatchReducer {
    let communicator: any Communicator
    let thread: CommunicationThread?

    func sum(_ values: inout [Double]) throws {
        guard let thread else { return try communicator.allReduceSum(&values) }
        let request = Request(values, communicator)
        try thread.run { try request.run() }
        values = request.values
    }

    /// Sums as the communication thread gets them, while the one that asks waits.
    @safe private final class Request: @unchecked Sendable {
        private(set) var values: [Double]
        private let communicator: any Communicator

        init(_ values: [Double], _ communicator: any Communicator) {
            self.values = values
            self.communicator = communicator
        }

        func run() throws { try communicator.allReduceSum(&values) }
    }
}
