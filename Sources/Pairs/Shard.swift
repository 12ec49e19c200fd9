/// The part of the global batch that one rank works on: rank r of N has samples ⌊B·r/N⌋ ..< ⌊B·(r+1)/N⌋.
package struct Shard: Equatable, Sendable {
    /// The size of the global batch.
    package let batch: Int
    /// This rank's samples of it.
    package let range: Range<Int>

    /// More ranks than samples.
    package struct TooManyRanks: Error, Equatable, CustomStringConvertible {
        package let batch: Int
        package let worldSize: Int

        package var description: String {
            """
            \(worldSize) ranks can't share a batch of \(batch): each needs at least one sample; \
            start at most \(batch) ranks, or set batch_size to \(worldSize) or more
            """
        }
    }

    /// The shard of a rank, never empty.
    package init(batch: Int, rank: Int, worldSize: Int) throws(TooManyRanks) {
        precondition(worldSize >= 1 && (0..<worldSize).contains(rank), "rank \(rank) of \(worldSize)")
        guard worldSize <= batch else { throw TooManyRanks(batch: batch, worldSize: worldSize) }
        self.batch = batch
        range = batch * rank / worldSize..<batch * (rank + 1) / worldSize
    }

    /// How many samples each rank has.
    package static func counts(batch: Int, worldSize: Int) -> [Int] {
        (0..<worldSize).map { batch * ($0 + 1) / worldSize - batch * $0 / worldSize }
    }

    /// The whole batch on one rank.
    package init(whole batch: Int) {
        precondition(batch >= 1, "a batch of \(batch)")
        self.batch = batch
        range = 0..<batch
    }

    /// The first `size` of this rank's samples; nil for all.
    package func firstPiece(of size: Int?) -> Range<Int> {
        range.lowerBound..<range.lowerBound + (size ?? range.count)
    }

    /// How many samples this rank has.
    package var count: Int { range.count }
}
