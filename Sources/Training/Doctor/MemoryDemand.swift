import CaffeProto
import Foundation
import Nets
import Pairs
import Tensors

/// What a training keeps in the memory of rank zero, whose part of the batch is no smaller than any other's, in bytes.
///
/// Nets and solver are set up here as in a training, and the memory that they take is counted; it is not touched, so
/// nothing of it is used for longer.
package struct MemoryDemand: Codable, Equatable, Sendable {
    /// Weights, the solver's history, and the gradients that are written out: those that the exchange makes of factors
    /// are not.
    package var parameters = 0
    /// What lies between the layers, and what kernels keep.
    package var layers = 0
    /// The same of all TEST nets.
    package var tests = 0
    /// Batches that are decoded ahead.
    package var loader = 0
    /// Decoded pictures (`--cache`).
    package var cache = 0
    /// Buffers of MPI and of the exchange; they are not counted but reckoned.
    package var exchange = 0
    /// The program itself.
    package var program: Int
    /// A snapshot's weights and history, which rank zero copies before it writes.
    package var snapshot = 0

    /// Of any rank but rank zero.
    package var perRank: Int { parameters + layers + tests + loader + cache + exchange + program }

    package init(program: Int) { self.program = program }

    /// - Parameters:
    ///   - program: what the process took before.
    ///   - model: of these ranks; it decides how gradients are exchanged.
    package init(_ definitions: Definitions, _ options: RunOptions, program: Int, model: ExchangeModel) throws {
        self.program = program
        cache = options.decoding.cache?.limit ?? 0
        let shares = options.batchPerRank ? 1 : model.ranks
        func build(_ phase: PhaseNet, _ kernels: KernelChoices) throws -> Net {
            try phase.netWithoutData(
                options: options, engine: options.engine, precision: options.precision, kernels: kernels, rank: 0,
                worldSize: shares)
        }
        var kernels = options.kernels
        if let train = definitions.train {
            kernels = Self.knownKernels(for: try build(train, kernels), options)
            let (net, whole) = try Self.counting { try build(train, kernels) }
            let weights = 4 * net.parameters.count
            let history = try definitions.settings.map { settings in
                try Self.counting { try Solver.make(settings, store: net.parameters) }.bytes
            }
            snapshot = weights + (history ?? weights)
            parameters = snapshot + Self.gradients(of: net, options, model)
            layers = max(0, whole - 2 * weights)
            loader += Self.loader(of: net)
            exchange = model.ranks > 1 ? Self.exchangeBytes : 0
        }
        for test in definitions.tests {
            let (net, whole) = try Self.counting { try build(test, kernels) }
            // The weights are the training net's.
            tests += max(0, whole - 4 * net.parameters.count)
            loader += Self.loader(of: net)
        }
    }

    /// The segments in flight of an all-reduce in buckets, and MPI's own.
    private static let exchangeBytes = 48 << 20

    /// What a training on this machine has measured before; without such a memory it may choose others, which need more.
    private static func knownKernels(for net: Net, _ options: RunOptions) -> KernelChoices {
        guard options.measuresKernels, options.engine == .dnnl, options.precision == .float32 else {
            return options.kernels
        }
        return KernelMemory(for: net.kernelTrials, folder: KernelMemory.folder).choices ?? options.kernels
    }

    /// The gradients that are written out.
    private static func gradients(of net: Net, _ options: RunOptions, _ model: ExchangeModel) -> Int {
        let plan = ExchangePlan(for: net, subBatches: 1, options: options.exchange, model: model)
        let written = plan.lines.filter { $0.method != .factors || $0.followsFactors }
        return written.reduce(0) { $0 + 4 * net.parameters.parameters[$1.index].shape.count }
    }

    private static func counting<R>(_ body: () throws -> R) rethrows -> (result: R, bytes: Int) {
        let before = FloatStorage.bytesInUse
        let result = try body()
        return (result, FloatStorage.bytesInUse - before)
    }

    /// Two batches ahead, each as large as the data layers' tops.
    private static func loader(of net: Net) -> Int {
        let tops = net.steps.filter { DataLayers.types.contains($0.layer.type) }.flatMap(\.top)
        return 2 * 4 * tops.reduce(0) { $0 + $1.count }
    }

    /// What it is made of, largest first.
    package var parts: [(name: String, bytes: Int)] {
        [
            ("weights, gradients and history", parameters), ("layers", layers), ("TEST nets", tests),
            ("batches ahead", loader), ("decoded pictures", cache), ("exchange", exchange), ("program", program),
            ("a snapshot's copy, on rank zero", snapshot),
        ].filter { $0.bytes > 0 }
    }
}
