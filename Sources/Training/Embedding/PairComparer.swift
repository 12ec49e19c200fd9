import CaffeProto
import Nets
package import Pairs
import Tensors

/// Compares pictures by a trained net as they come, pair by pair, on this process alone.
///
/// Pictures are prepared as the net's TEST data layers say. Some pairs are decoded on all threads, then the net looks at them on
/// all threads: both at once would only be in each other's way.
package final class PairComparer {
    /// What came of one pair.
    package struct Comparison: Sendable {
        package let pair: PicturePaths
        package let outcome: Result<Scored, ImageError>
    }

    /// How alike two pictures are.
    package struct Scored: Sendable {
        /// As `PairComparer.score` says.
        package let value: Float
        /// Embedding a − embedding b; empty for a head that compares none.
        package let difference: [Float]
    }

    /// Pairs that the net looks at together at most.
    package static let batch = 64

    package let score: PairPass.Score
    private let definition: PhaseNet
    private let deploy: DeployNet
    private let trained: TrainedNet
    private let options: RunOptions
    private let log: TrainingLog
    private let columns: [ImageColumn]
    private var setting: Setting?

    /// What is known when the first picture is.
    private struct Setting {
        let shapes: [Shape]
        let readers: [PictureChunk.Readers]
        /// Nets for batches of several sizes, which share the weights.
        var nets: [Int: Net] = [:]
        var owner: Net?
    }

    /// Reads the net; its weights come with the first pictures, whose size may be the net's.
    package init(_ trained: TrainedNet, options: RunOptions, log: TrainingLog) throws {
        let (phase, deploy) = try trained.deployed(log)
        let definition = try phase.reading([], by: deploy.pair(a: .lists, b: .lists))
        if let layer = definition.dataLayers.first(where: { $0.type == "Data" }) {
            throw NetError(
                layer: "\(layer.name) (Data)",
                "reads a database, which does not say how pictures are prepared; give the TEST phase ImageData layers with "
                    + "new_height and new_width", place: phase.place(layer.name))
        }
        columns = try definition.dataLayers.enumerated().map { index, layer in
            try ImageColumn(layer, list: index, of: definition, seed: 1)
        }
        self.deploy = deploy
        self.definition = definition
        score = if case .distance = deploy.head { .distance } else { .probability }
        self.trained = trained
        self.options = options
        self.log = log
    }

    /// Compares all pairs that come.
    ///
    /// - Parameters:
    ///   - next: gives some pairs, `batch` at most, and none at the end.
    ///   - take: gets the comparisons of these, in order.
    package func run(
        _ next: () throws -> [PicturePaths], _ take: ([Comparison]) throws -> Void
    ) throws {
        guard let chunk = try firstChunk(next) else { return }
        guard let setting else { preconditionFailure("no setting after the first pictures") }
        while !chunk.pairs.isEmpty {
            try take(try compare(chunk))
            chunk.load(try next(), root: options.rootFolder ?? "", by: setting.readers)
        }
    }

    /// The first pairs, decoded, with all that waits for them; nil if there are none.
    private func firstChunk(_ next: () throws -> [PicturePaths]) throws -> PictureChunk? {
        let pairs = try next()
        guard !pairs.isEmpty else { return nil }
        let root = options.rootFolder ?? ""
        let decoder = ImageDecoder(pixelLimit: options.decoding.pixelLimit)
        let geometries = try columns.enumerated().map { number, column in
            try column.geometry(first: try Self.firstSize(pairs.map { root + (number == 0 ? $0.a : $0.b) }, decoder))
        }
        let readers = (0..<options.decodingThreads).map { _ in
            PictureChunk.Readers(columns, geometries, options: options.decoding)
        }
        let made = Setting(shapes: geometries.map(\.sample), readers: readers)
        setting = made
        _ = try net(for: 1)
        let chunk = PictureChunk(capacity: Self.batch, shapes: made.shapes)
        chunk.load(pairs, root: root, by: readers)
        return chunk
    }

    /// The size of the first picture that has one; of the first the fault if none has.
    private static func firstSize(_ paths: [String], _ decoder: ImageDecoder) throws -> ImageError.Size {
        for path in paths {
            if let size = try? decoder.size(of: path) { return size }
        }
        return try decoder.size(of: paths[0])
    }

    private func compare(_ chunk: PictureChunk) throws -> [Comparison] {
        let count = chunk.pairs.count
        let net = try net(for: [1, 8].first { $0 >= count } ?? Self.batch)
        let inputs = net.steps.filter { DataLayers.types.contains($0.layer.type) }.map { $0.top[0] }
        for (column, blob) in inputs.enumerated() { chunk.copy(column: column, into: blob) }
        try net.forward()
        let size = net.context.shard.count
        let rows = deploy.ends.map { name in
            guard let blob = net.blob(name) else { preconditionFailure("no blob \(name)") }
            return (values: blob.dataArray, length: blob.count / size)
        }
        return (0..<count).map { number in
            let parts = rows.map { Array($0.values[number * $0.length..<(number + 1) * $0.length]) }
            if let fault = chunk.faults[number] {
                return Comparison(pair: chunk.pairs[number], outcome: .failure(fault))
            }
            return Comparison(pair: chunk.pairs[number], outcome: .success(scored(parts)))
        }
    }

    private func scored(_ parts: [[Float]]) -> Scored {
        switch score {
        case .distance:
            let length = parts[0].count
            return Scored(
                value: PairPass.distances(parts[0], parts[1], length: length)[0],
                difference: zip(parts[0], parts[1]).map { $0 - $1 })
        case .probability: return Scored(value: parts[0][parts[0].count - 1], difference: [])
        }
    }

    /// The net for batches of this size.
    private func net(for size: Int) throws -> Net {
        guard var setting else { preconditionFailure("no setting") }
        if let net = setting.nets[size] { return net }
        let names = definition.dataLayers.map(\.name)
        let context = NetContext(
            phase: .test, seed: 1, defaultEngine: options.engine, precision: options.precision, globalBatch: size,
            sampleShapes: Dictionary(zip(names, setting.shapes), uniquingKeysWith: { first, _ in first }),
            keepsBlobs: false, kernels: options.kernels, memoryLimit: options.memoryLimit)
        let net = try Net(
            definition.net, context: context, sharingWeightsOf: setting.owner, place: definition.place)
        if setting.owner == nil {
            try net.loadAllWeights(of: trained, log: log)
            if case .probability(let blob) = deploy.head {
                try PairPass.checkClasses(net.blob(blob)?.count ?? 0, of: blob)
            }
            setting.owner = net
        }
        setting.nets[size] = net
        self.setting = setting
        return net
    }
}
