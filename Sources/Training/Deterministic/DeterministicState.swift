/// What a snapshot remembers of a deterministic training: what must not change for its bits to stay the same.
package struct DeterministicState: Codable, Equatable, Sendable {
    /// Samples of a micro-batch.
    package var microBatch: Int
    /// Threads of each rank.
    package var threads: Int

    package init(microBatch: Int, threads: Int) {
        self.microBatch = microBatch
        self.threads = threads
    }

    /// What else than the size of micro-batches makes the bits others than a snapshot's training would have had.
    ///
    /// Nil stands for a training whose results may depend on the number of ranks.
    static func warning(from snapshot: Self?, to now: Self?) -> String? {
        guard snapshot != now else { return nil }
        guard let snapshot else { return "the snapshot was trained without --deterministic; from here on it holds" }
        guard let now else {
            return
                "the snapshot was trained with --deterministic, and now it is not; from here on the bits may depend on the "
                + "number of ranks"
        }
        return
            "the snapshot was trained with \(snapshot), now it is \(now); the bits will not be those of a training that "
            + "was never stopped"
    }
}

extension DeterministicState: CustomStringConvertible {
    package var description: String { "--micro-batch \(microBatch) --threads \(threads)" }
}
