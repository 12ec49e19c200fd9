import ArgumentParser
import Training

/// Whether results must be the same bits for any number of ranks.
struct DeterministicArguments: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "The same weights, bit for bit, on 1, 2, 4 or 8 ranks: the batch goes through the net in micro-batches of one "
                + "size, whose gradients are summed in one fixed tree; no kernel is chosen by measuring, and each rank "
                + "computes on one thread unless --threads says otherwise."))
    var deterministic = false

    @Option(
        help: ArgumentHelp(
            "Samples of a micro-batch of --deterministic (default: an eighth of the batch). Other sizes give other bits. "
                + "Larger ones are faster, smaller ones let more ranks take part.", valueName: "samples"))
    var microBatch: Int?

    func validate() throws {
        guard let microBatch else { return }
        if !deterministic { throw ValidationError("--micro-batch goes with --deterministic") }
        if microBatch < 1 { throw ValidationError("--micro-batch \(microBatch): give 1 or more") }
    }

    var options: DeterministicOptions? { deterministic ? DeterministicOptions(microBatch: microBatch) : nil }

    /// The threads of each rank: as many as are given; else one, where bits matter.
    func threads(_ given: Int?) -> Int? { given ?? (deterministic ? 1 : nil) }
}
