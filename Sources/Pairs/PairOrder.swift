import Synchronization
import Tensors

/// Which pair of the list is trained on when: a pure function of the seed and the position, so neither the number of
/// ranks nor a stop and resume changes it.
///
/// Position i + t·B·iter_size is sample i of iteration t with the global batch B. The list repeats after its end, in
/// the middle of a batch if need be; when shuffled, each epoch has a permutation of its own, the same for all lists.
package final class PairOrder: Sendable {
    private let count: Int
    private let seed: UInt64
    private let shuffled: Bool
    /// How many pairs at the start of the first epoch are passed over.
    package let skipped: Int
    /// The permutations of the two epochs last asked for: a batch may lie across the end of one.
    private let recent = Mutex<[(epoch: Int, order: [UInt32])]>([])

    /// - Parameters:
    ///   - count: the length of the list, at least one.
    ///   - randSkip: Caffe's `rand_skip`: begins at a random pair below this number; zero begins at the first.
    package init(count: Int, seed: UInt64, shuffled: Bool = false, randSkip: Int = 0) {
        precondition((1...Int(UInt32.max)).contains(count), "an order of \(count) pairs")
        self.count = count
        self.seed = seed
        self.shuffled = shuffled
        skipped = randSkip > 0 ? Random(seed: seed, purpose: "rand_skip").integer(below: randSkip, position: 0) : 0
    }

    /// The epoch that a position lies in.
    package func epoch(at position: Int) -> Int { (position + skipped) / count }

    /// How many pairs are tried for a position, where bad ones are skipped.
    package static let attempts = 100

    /// The pair that takes the place of one that can't be used: any of the list, drawn by the position alone.
    ///
    /// - Parameter attempt: how many pairs were tried for this position before, at least one.
    package func replacement(at position: Int, attempt: Int) -> Int {
        Random(seed: seed, purpose: "replacement pair")
            .integer(below: count, position: UInt64(position), index: UInt64(attempt))
    }

    /// The index into the list for a position; callable from any thread.
    package func index(at position: Int) -> Int {
        let line = (position + skipped) % count
        guard shuffled else { return line }
        let epoch = epoch(at: position)
        return recent.withLock { recent in
            if let known = recent.first(where: { $0.epoch == epoch }) { return Int(known.order[line]) }
            let order = Random(seed: seed, purpose: "order \(epoch)").permutation(count).map(UInt32.init)
            if recent.count == 2 { recent.remove(at: recent[0].epoch < recent[1].epoch ? 0 : 1) }
            recent.append((epoch, order))
            return Int(order[line])
        }
    }
}
