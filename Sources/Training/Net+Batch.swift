package import CaffeProto
import Comm
package import Nets
import Pairs
package import Tensors

extension Net {
    /// An output over the whole batch: a loss, an accuracy. (An embedding or a label has a value for each pair instead.)
    struct BatchOutput {
        let name: String
        /// This shard's part; the sum over ranks is the value of the global batch.
        let value: Double
        let lossWeight: Float
    }

    /// The scalars that the net puts out, and the accuracy of each class, in the order of the layers.
    var batchOutputs: [BatchOutput] {
        outputs.filter(\.isOverBatch).flatMap { output in
            output.blob.withData { data in
                data.indices.map {
                    BatchOutput(name: output.name, value: Double(data[$0]), lossWeight: output.lossWeight)
                }
            }
        }
    }

    /// Gives the data layers random pixels (0 ..< 256, scaled as the definition says) and labels, for timing.
    package func fillInputsAtRandom(seed: UInt64 = 1) {
        for layer in steps where layer.bottom.isEmpty {
            for (index, blob) in layer.top.enumerated() {
                let random = Random(seed: seed, purpose: "input \(layer.layer.name) \(index)")
                let scale = layer.layer.definition.transformParam.scale
                blob.withMutableData { data in
                    for i in data.indices {
                        let unit = Random.unit(random.bits(position: UInt64(i))[0])
                        data[i] = index == 0 ? (unit * 256).rounded(.down) * scale : (unit * 2).rounded(.down)
                    }
                }
            }
        }
    }
}

extension PhaseNet {
    /// Sets the net up for a rank's shard without reading lists or images: to look at it, to time it, to keep its weights.
    ///
    /// Only a database, or a picture where the definition gives no size, is looked at, since only it knows the shape.
    ///
    /// - Parameter options: how that picture is read, and whether the shard comes in micro-batches.
    package func netWithoutData(
        options: RunOptions = RunOptions(), engine: NetContext.Engine, precision: Precision = .float32,
        kernels: KernelChoices = KernelChoices(), rank: Int,
        worldSize: Int, half: (net: NetParameter, partner: any PartnerLink)? = nil
    ) throws -> Net {
        guard !dataLayers.isEmpty else {
            return try Net(
                net,
                context: NetContext(
                    phase: phase, defaultEngine: engine, precision: precision, keepsBlobs: false, kernels: kernels,
                    memoryLimit: options.memoryLimit),
                place: place)
        }
        let shard = try shard(of: try batchSize(), rank: rank, worldSize: worldSize)
        let piece = try microBatches(of: shard.batch, options.deterministic, worldSize: worldSize)?.size
        var shapes: [String: Shape] = [:]
        if dataLayers.contains(where: \.needsFirstSample) {
            let source = try PhaseInput.source(of: self, seed: 1, options: options)
            for (layer, shape) in zip(dataLayers, source.sampleShapes) { shapes[layer.name] = shape }
        }
        let context = NetContext(
            phase: phase, defaultEngine: engine, precision: precision, globalBatch: shard.batch,
            shard: shard.firstPiece(of: piece), wholeShard: piece.map { _ in shard.range }, sampleShapes: shapes,
            keepsBlobs: false, kernels: kernels, partner: half?.partner, memoryLimit: options.memoryLimit)
        return try Net(half?.net ?? net, context: context, place: place)
    }

    /// The same for the towers that a rank carries.
    package func netWithoutData(
        options: RunOptions = RunOptions(), engine: NetContext.Engine, precision: Precision = .float32,
        kernels: KernelChoices = KernelChoices(), team: Team
    ) throws -> Net {
        let half = try team.partner.map { (net: try team.definition(of: self).net, partner: $0) }
        return try netWithoutData(
            options: options, engine: engine, precision: precision, kernels: kernels, rank: team.own.rank,
            worldSize: team.own.size,
            half: half)
    }
}

extension LayerParameter {
    /// Whether a data layer leaves the size of its samples to the first of them.
    fileprivate var needsFirstSample: Bool {
        type == "Data" || (imageDataParam.newHeight == 0 && transformParam.cropSize == 0)
    }
}
