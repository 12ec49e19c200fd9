import Synchronization
import Tensors

/// How far figures would move had other people, or other pairs, been drawn: percentile intervals of resampled lists.
///
/// Pairs that share a picture's identity are not independent, so identities are drawn anew with replacement, as many as
/// there are, and each pair gets a weight: the product of how often its two identities were drawn (all pairs between the
/// copies, as for the two ways of Owen's "pigeonhole bootstrap", Annals of Applied Statistics 1, 2007, and for the vertices
/// of Snijders and Borgatti, "Non-parametric standard errors and tests for network statistics", Connections 22, 1999).
/// A pair within one identity weighs how often that one was drawn (the "subsets bootstrap" of Bolle, Ratha and Pankanti,
/// CVIU 93, 2004: a person's own pairs come or go together); pairs between two copies of one person were never measured.
/// Where identities are unknown, pairs are drawn, which makes the intervals too narrow when pictures are used often.
package struct Bootstrap: Codable, Equatable, Sendable {
    /// What is drawn.
    package enum Unit: String, Codable, Sendable { case identities, pairs }

    /// How many lists are drawn; 0 is for none, and no intervals.
    package var replicates = 1000
    package var seed: UInt64 = 1
    /// The share of the replicates that lies inside the interval.
    package var level = 0.95

    package init(replicates: Int = 1000, seed: UInt64 = 1) {
        self.replicates = replicates
        self.seed = seed
    }

    /// From the smallest to the largest value that is not among the rarest ones.
    package struct Interval: Codable, Equatable, Sendable {
        package let low: Double
        package let high: Double
    }

    /// The interval of each of the `figures`; nil where no replicate had pairs of both kinds.
    ///
    /// On all threads; each replicate's numbers depend on the seed and its own number only.
    func intervals(
        of ranking: RankedPairs, identities: PairIdentities?, figures: @escaping @Sendable (AcceptCounts) -> [Double]
    ) -> [Interval?] {
        let values = Mutex([[Double]?](repeating: nil, count: replicates))
        let draw = Draw(ranking, identities, seed: seed)
        Threads.parallel(replicates, grain: 1) { part in
            var counts = AcceptCounts(groups: ranking.ends.count)
            for replicate in part {
                draw.fill(&counts, replicate)
                let row = counts.hasBothKinds ? figures(counts) : nil
                values.withLock { $0[replicate] = row }
            }
        }
        let rows = values.withLock { $0.compactMap { $0 } }
        return figures(ranking.counts).indices.map { figure in interval(rows.map { $0[figure] }) }
    }

    private func interval(_ values: [Double]) -> Interval? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        return Interval(
            low: Self.quantile((1 - level) / 2, of: sorted), high: Self.quantile((1 + level) / 2, of: sorted))
    }

    /// Interpolated between neighbours, as numpy does it.
    package static func quantile(_ share: Double, of sorted: [Double]) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }

    /// Draws the lists of one ranking.
    package struct Draw: Sendable {
        private let ranking: RankedPairs
        private let random: Random
        /// Units to draw from: identities or positions of the order.
        private let units: Int
        /// Of each pair in the ranking's order; empty when pairs are drawn.
        private let ends: [(first: Int32, second: Int32)]

        package init(_ ranking: RankedPairs, _ identities: PairIdentities?, seed: UInt64) {
            self.ranking = ranking
            random = Random(seed: seed, purpose: "bootstrap")
            units = identities?.count ?? ranking.order.count
            ends =
                identities.map { known in
                    precondition(known.first.count == ranking.order.count, "identities of another list")
                    return ranking.order.map { (Int32(known.first[$0]), Int32(known.second[$0])) }
                } ?? []
        }

        /// How often each unit is drawn.
        package func multiplicities(_ replicate: Int) -> [Int32] {
            var drawn = [Int32](repeating: 0, count: units)
            for block in 0..<(units + 1) / 2 {
                // Two draws of 64 bits each.
                let bits = random.bits(position: UInt64(replicate), index: UInt64(block))
                drawn[unit(bits.x, bits.y)] &+= 1
                if 2 * block + 1 < units { drawn[unit(bits.z, bits.w)] &+= 1 }
            }
            return drawn
        }

        private func unit(_ low: UInt32, _ high: UInt32) -> Int {
            Int((UInt64(low) | UInt64(high) << 32).multipliedFullWidth(by: UInt64(units)).high)
        }

        package func fill(_ counts: inout AcceptCounts, _ replicate: Int) {
            let drawn = multiplicities(replicate)
            guard !ends.isEmpty else { return ranking.fill(&counts) { Int(drawn[$0]) } }
            ranking.fill(&counts) { position in
                let (first, second) = ends[position]
                let times = Int(drawn[Int(first)])
                return first == second ? times : times * Int(drawn[Int(second)])
            }
        }
    }
}
