import Comm
import Nets
import Pairs

/// The pieces of one size that a global batch is cut into, so that results don't depend on the number of ranks.
///
/// Each rank has a run of them. Sums go in a `BinaryTree` over all, of which a rank's run must be a branch: a power of two of
/// them, or all.
package struct MicroBatches: Equatable, Sendable {
    /// Samples of the batch.
    package let batch: Int
    /// Samples of a micro-batch.
    package let size: Int
    /// How many there are.
    package var count: Int { batch / size }

    /// - Parameter size: must divide the batch; nil for the usual one.
    package init(of batch: Int, size: Int? = nil) throws {
        let size = size ?? Self.usualSize(for: batch)
        guard size >= 1, batch.isMultiple(of: size) else {
            throw NetError(
                "--micro-batch \(size) must divide batch_size \(batch); give "
                    + Self.list((1...batch).filter { batch.isMultiple(of: $0) }, joinedBy: "or"))
        }
        (self.batch, self.size) = (batch, size)
    }

    /// Eight micro-batches where the batch allows it, else the largest power of two of them.
    ///
    /// Fewer are faster, since weights are read once for each; more let more ranks take part.
    package static func usualSize(for batch: Int) -> Int {
        let most = 8
        return batch / min(most, 1 << batch.trailingZeroBitCount)
    }

    /// The numbers of ranks that can share them.
    package var worldSizes: [Int] {
        (1...count).filter { ranks in
            let run = count / ranks
            return ranks == 1 || (count.isMultiple(of: ranks) && run & (run - 1) == 0)
        }
    }

    /// Refuses a number of ranks that can't share them.
    package func check(worldSize: Int) throws {
        guard !worldSizes.contains(worldSize) else { return }
        throw NetError(
            "--deterministic: \(worldSize) ranks can't share the \(count) micro-batches of \(size) in a batch of \(batch); "
                + "start \(Self.list(worldSizes, joinedBy: "or")) ranks, or give --micro-batch another size")
    }

    /// "1, 2, 4 or 8".
    private static func list(_ numbers: [Int], joinedBy word: String) -> String {
        let texts = numbers.map(String.init)
        guard texts.count > 1, let last = texts.last else { return texts.joined() }
        return "\(texts.dropLast().joined(separator: ", ")) \(word) \(last)"
    }
}

extension PhaseNet {
    /// How a batch of this phase is cut for as many ranks; nil where results may depend on their number.
    ///
    /// A TEST net, whose batch may be another, takes the usual size where the one that is asked for does not divide it.
    func microBatches(of batch: Int, _ options: DeterministicOptions?, worldSize: Int) throws -> MicroBatches? {
        guard let options else { return nil }
        let fits = options.microBatch.map { batch.isMultiple(of: $0) } ?? false
        do {
            let cut = try MicroBatches(of: batch, size: phase == .train || fits ? options.microBatch : nil)
            try cut.check(worldSize: worldSize)
            return cut
        } catch {
            throw NetError("the \(phase.rawValue) net: \(error)")
        }
    }
}
