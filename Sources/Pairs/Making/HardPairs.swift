import Tensors

/// Chooses impostor pairs that a trained model takes for alike.
package struct HardPairs {
    private let table: ImageTable
    private let random: Random

    /// - Parameter split: the name of the split, for which is drawn.
    package init(_ table: ImageTable, split: String, seed: UInt64) {
        self.table = table
        random = Random(seed: seed, purpose: "pairs \(split) hard")
    }

    /// Gives each matching pair in turn, in an order that is drawn, an impostor for its first image, until there are enough.
    ///
    /// - Parameters:
    ///   - matching: the matching pairs, whose first images are the anchors.
    ///   - count: how many impostor pairs are wanted; fewer come where the candidates are used up.
    ///   - candidates: the images of other identities near an anchor; which of them comes first is drawn.
    /// - Returns: impostor pairs, none twice.
    package func pairs(
        for matching: [MadePair], count: Int, candidates: (_ anchor: Int) -> [Int32]
    ) -> [MadePair] {
        var used: Set<UInt64> = []
        var pairs: [MadePair] = []
        // What each anchor has left, in the order in which it is taken: the last first.
        var left: [Int32: [Int32]] = [:]
        var turns = random.order(matching.count, position: 0)
        while pairs.count < count, !turns.isEmpty {
            // Those whose anchor has nothing left leave the round.
            turns = turns.filter { turn in
                guard pairs.count < count else { return true }
                let anchor = matching[Int(turn)].first
                var rest = left[anchor] ?? drawn(candidates(Int(anchor)), anchor)
                defer { left[anchor] = rest }
                while let other = rest.popLast() {
                    precondition(
                        table.identity(of: Int(anchor)) != table.identity(of: Int(other)), "an impostor of one identity"
                    )
                    let pair = MadePair(Int(anchor), Int(other), isMatching: false)
                    guard used.insert(pair.key(hasViews: table.hasViews)).inserted else { continue }
                    pairs.append(pair)
                    return true
                }
                return false
            }
        }
        return pairs
    }

    private func drawn(_ candidates: [Int32], _ anchor: Int32) -> [Int32] {
        random.order(candidates.count, position: Int(anchor) + 1).map { candidates[Int($0)] }
    }
}
