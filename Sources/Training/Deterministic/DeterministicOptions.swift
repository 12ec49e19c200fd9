package import Comm
import Nets
import Tensors

/// What a training is asked for whose results are the same bits for any number of ranks (`--deterministic`).
///
/// The batch is cut into micro-batches of one size. Each goes through the net by itself, so every kernel is called with the
/// same shapes, and gradients are summed in one binary tree over all micro-batches (or made from factors in the order of
/// samples), losses likewise. Kernels are not chosen by measuring, and the number of threads is given.
package struct DeterministicOptions: Sendable {
    /// Samples of a micro-batch; nil for `MicroBatches.usualSize`.
    package var microBatch: Int?

    package init(microBatch: Int? = nil) { self.microBatch = microBatch }

    /// Refuses what would make results depend on the number of ranks, or is done in another way already.
    package static func check(
        exchange: ExchangeOptions, placement: TowerPlacement, batchPerRank: Bool = false, subBatches: Int = 1
    ) throws {
        func refuse(_ what: String) throws { throw NetError("--deterministic: \(what)") }
        if let method = exchange.method, method != .factors {
            try refuse(
                "gradients are summed in a fixed tree, or made from factors; leave out --exchange \(method.rawValue)")
        }
        if exchange.wire != .float32 {
            try refuse(
                "what is rounded on its way depends on the number of ranks; leave out --wire \(exchange.wire.rawValue)")
        }
        if placement != .both {
            try refuse("each rank must carry both towers; leave out --placement \(placement.rawValue)")
        }
        if batchPerRank {
            try refuse("with --batch-per-rank the batch would depend on the number of ranks; leave it out")
        }
        if subBatches > 1 {
            try refuse(
                "the solver's iter_size is \(subBatches), must be 1; multiply batch_size by it instead: that trains alike, "
                    + "and takes no more memory, as a pass has one micro-batch only")
        }
    }

    /// Refuses ranks whose processors differ, as libraries run other kernels there.
    ///
    /// Collective.
    ///
    /// - Parameter processor: this rank's, as `Machine` tells it.
    package static func checkProcessors(
        _ processor: String = Machine.processor, over communicator: any Communicator
    ) throws {
        let found = try communicator.allGather(processor)
        try communicator.together {
            guard let other = found.firstIndex(where: { $0 != found[0] }) else { return }
            func name(_ rank: Int) -> String {
                let line = found[rank].split(separator: "\n").first ?? ""
                return "\(communicator.hosts[rank]) has \(line.split(separator: ": ").last ?? "another")"
            }
            throw NetError(
                "--deterministic needs one kind of processor on all ranks, but \(name(0)) and \(name(other)), with "
                    + "other abilities; start it on hosts of one kind, or train without --deterministic")
        }
    }
}
