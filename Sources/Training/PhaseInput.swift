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
    /// Where pairs that can't be read are noted, if others take their place.
    package let bad: BadPairs?
    /// The pairs of the last batch, one for each of this rank's samples.
    package private(set) var pairs: [Int] = []
    /// How many samples so far were of another pair than the one whose turn it was.
    package private(set) var replaced = 0
    private let badImages: BadImagePolicy
    private let order: PairOrder
    private let loader: PairLoader
    private let partner: (any PartnerLink)?

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
        let shard = try definition.shard(of: batchSize, rank: team.own.rank, worldSize: team.own.size)
        self.batchSize = batchSize
        let whole = try Self.source(of: definition, seed: seed, options: options)
        let columns = column.map { [$0] } ?? Array(layers.indices)
        badImages = options.decoding.badImages
        source =
            column == nil ? whole : ColumnPairs(whole, columns: columns, readsWholePairs: badImages.skips)
        try Self.checkBatch(of: shard.count, source.sampleShapes, options.memoryLimit)
        isShuffled = layers.contains { $0.imageDataParam.shuffle || $0.dataParam.shuffle }
        let skip = layers.first.map { max($0.imageDataParam.randSkip, $0.dataParam.randSkip) } ?? 0
        order = PairOrder(
            count: source.count, seed: seed, shuffled: isShuffled, randSkip: definition.phase == .train ? Int(skip) : 0)
        bad = badImages.skips ? BadPairs() : nil
        let piece = try definition.microBatches(of: batchSize, options.deterministic, worldSize: team.own.size)?.size
        loader = PairLoader(
            .init(
                source: source, order: order, shard: shard, piece: piece, threads: options.decodingThreads, bad: bad))
        partner = badImages.skips ? team.partner : nil
        context = NetContext(
            phase: definition.phase, seed: seed, defaultEngine: options.engine, precision: options.precision,
            globalBatch: batchSize, shard: shard.firstPiece(of: piece), wholeShard: piece.map { _ in shard.range },
            // Two layers of one name are refused when the net is made.
            sampleShapes: Dictionary(
                zip(columns.map { layers[$0].name }, loader.sampleShapes), uniquingKeysWith: { first, _ in first }),
            reducer: TeamReducer(team.own, batchSize: batchSize, thread: thread),
            keepsBlobs: options.tensorBoard != nil && definition.phase == .test,
            kernels: options.kernels, partner: team.partner, memoryLimit: options.memoryLimit)
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
        return try RecordPairs(
            try databases.map { try RecordPairs.Column($0, of: definition, seed: seed) }, options: options.decoding)
    }

    /// The lists that the ImageData layers of a phase name, read together.
    static func list(of definition: PhaseNet, options: RunOptions) throws -> PairList {
        try PairList(
            definition.dataLayers.map { layer in
                PairList.Source(
                    file: layer.imageDataParam.source,
                    rootFolder: options.rootFolder ?? layer.imageDataParam.rootFolder)
            }, baseDirectory: definition.directory, labelsAreOptional: options.labelsAreOptional)
    }

    /// Looks for every image of the lists, and decodes the first batch; what is wrong is thrown with its place.
    ///
    /// One rank of a host looks for all, the others trust it. Where bad images are skipped, what is missing is noted.
    func check(_ communicator: any Communicator) throws {
        if communicator.localRank == 0 {
            Activity.begin("look for the images of", source.files.joined(separator: " and "))
        }
        if let bad, case .skip(let limit) = badImages {
            // Of each pair more than one image may be missing.
            if communicator.localRank == 0 { bad.addMissing(from: source, limit: (limit + 1) * source.files.count) }
        } else if communicator.localRank == 0 {
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

    /// Refuses batches that there is no memory for, before they get any: two of each are in the ring.
    private static func checkBatch(of samples: Int, _ shapes: [Shape], _ limit: Int) throws {
        for shape in shapes {
            do throws(ShapeError) {
                try Shape([samples] + shape.dims).checkCount(limit: limit / 2)
            } catch {
                throw NetError("a batch of \(samples) samples: \(error); lower batch_size, new_height or crop_size")
            }
        }
    }

    /// Begins to decode at a batch, counted from the start of training.
    package func start(at batch: Int) { start(atPosition: batch * batchSize) }

    /// Begins to decode at a position, counted in pairs from the start of training.
    package func start(atPosition position: Int) { loader.restart(at: position) }

    /// Whether the next pass begins a batch; only then is there anything to wait for, or to go wrong.
    package var beginsBatch: Bool { loader.beginsBatch }

    /// Fills the net's data layers with this rank's part of the next batch, or the next piece of it; returns the seconds
    /// spent waiting for it.
    package func loadNext(into net: Net) throws -> Double {
        let steps = net.steps.filter { DataLayers.types.contains($0.layer.type) }
        return try loadNext(
            into: steps.map { $0.top[0] }, labels: steps.compactMap { $0.top.count > 1 ? $0.top[1] : nil })
    }

    /// The same into blobs: one a data layer, and any number for the labels.
    package func loadNext(into data: [Blob], labels: [Blob]) throws -> Double {
        Activity.begin("wait for its pairs")
        let delivery = try loader.next(into: data, labels: labels)
        context.firstPosition = delivery.firstPosition
        context.shard = delivery.samples
        pairs = delivery.pairs
        if bad != nil {
            try checkPartner()
            replaced += pairs.indices.count(where: isReplaced)
        }
        return delivery.waitSeconds
    }

    /// Whether a sample of the last batch shows another pair than the one whose turn it was, which can't be read.
    package func isReplaced(sample: Int) -> Bool {
        pairs[sample] != order.index(at: context.firstPosition + sample)
    }

    /// Makes sure that the rank with the other tower has skipped the same pairs: its file system might tell it otherwise.
    private func checkPartner() throws {
        guard let partner else { return }
        // In two parts, each of which a Float holds exactly.
        let mine = pairs.flatMap { [Float($0 >> 16), Float($0 & 0xffff)] }
        var theirs = [Float](repeating: 0, count: mine.count)
        var span = theirs.mutableSpan
        try partner.swap(mine.span, &span)
        guard let at = mine.indices.first(where: { mine[$0] != theirs[$0] }) else { return }
        throw NetError(
            "the two ranks that carry the towers of one pair have read different ones (pair \(pairs[at / 2] + 1) here): an "
                + "image can be read by only one of them; make the images readable on all hosts alike")
    }

    package func stop() { loader.stop() }

    /// The pairs of some samples of the batch that is in the net: "train1.txt:17: a.jpg and train2.txt:17: b.jpg".
    package func names(ofSamples samples: some Sequence<Int>) -> [String] {
        samples.map { source.names(of: pairs[$0]).joined(separator: " and ") }
    }

    /// "train1.txt and train2.txt: 20 pairs (label 0: 9, label 1: 11)"; of identity lists, which have many, how many labels.
    package var sentence: String {
        let noun = source is ImagePairs && source.files.count == 1 ? "images" : "pairs"
        return "\(source.files.joined(separator: " and ")): \(source.count) \(noun)\(labelCounts)"
    }

    private var labelCounts: String {
        guard let counts = source.labelCounts else { return "" }
        if counts.count > 10 { return " (\(counts.count) labels)" }
        let labels = counts.map { "label \(TrainingLog.format(Double($0.label))): \($0.count)" }
        return " (\(labels.joined(separator: ", ")))"
    }
}
