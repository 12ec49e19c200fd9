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
    /// Weights, their gradients, and the solver's history.
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
    ///   - worldSize: how many ranks there are.
    package init(_ definitions: Definitions, _ options: RunOptions, program: Int, worldSize: Int) throws {
        self.program = program
        cache = options.decoding.cache?.limit ?? 0
        let shares = options.batchPerRank ? 1 : worldSize
        func build(_ phase: PhaseNet) throws -> Net {
            try phase.netWithoutData(
                engine: options.engine, precision: options.precision, rank: 0, worldSize: shares)
        }
        if let train = definitions.train {
            let (net, whole) = try Self.counting { try build(train) }
            let weights = 4 * net.parameters.count
            let history = try definitions.settings.map { settings in
                try Self.counting { try Solver.make(settings, store: net.parameters) }.bytes
            }
            snapshot = weights + (history ?? weights)
            parameters = weights + snapshot
            layers = max(0, whole - 2 * weights)
            loader += Self.loader(of: net)
            exchange = worldSize > 1 ? Self.exchangeBytes : 0
        }
        for test in definitions.tests {
            let (net, whole) = try Self.counting { try build(test) }
            // The weights are the training net's.
            tests += max(0, whole - 4 * net.parameters.count)
            loader += Self.loader(of: net)
        }
    }

    /// The segments in flight of an all-reduce in buckets, and MPI's own.
    private static let exchangeBytes = 48 << 20

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
