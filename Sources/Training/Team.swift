package import CaffeProto
package import Comm
package import Nets
import Tensors

/// Which towers each rank carries (`--placement`).
package enum TowerPlacement: String, Sendable, CaseIterable {
    /// Both, on a shard of the pairs.
    case both
    /// One: half of the ranks tower A, half tower B, each half on shards of the pairs.
    case split
}

/// The ranks of a training, and those among them that train the same towers as this one.
///
/// With `split` the first half of the ranks carries tower A, the second tower B, so that neighbours, which mostly share a host,
/// exchange gradients, and only embeddings cross: rank r swaps them with rank r + P/2, which has the same pairs.
package final class Team {
    /// All ranks.
    package let world: any Communicator
    /// The ranks that share the pairs, and the gradients, of this rank's towers.
    package let own: any Communicator
    /// The tower of this rank; nil for both.
    package let half: TowerSplit.Half?
    /// The way to the rank that has the other tower of the same pairs.
    package let partner: (any PartnerLink)?
    /// What this rank's thread waits for others in the middle of a layer.
    package let waits = WaitTime()

    /// Everybody carries both towers.
    package init(_ world: any Communicator) {
        self.world = world
        own = world
        half = nil
        partner = nil
    }

    /// Collective.
    package init(_ world: any Communicator, placement: TowerPlacement) throws {
        self.world = world
        guard placement == .split else {
            (own, half, partner) = (world, nil, nil)
            return
        }
        try world.together {
            guard world.size.isMultiple(of: 2) else {
                throw NetError(
                    "--placement split puts one tower on each half of the ranks and needs an even number of them, found "
                        + "\(world.size); start with mpirun -np \(world.size + 1), or use --placement both")
            }
        }
        let ranks = world.size / 2
        half = world.rank < ranks ? .a : .b
        own = try world.split(group: world.rank / ranks)
        partner = Link(world, rank: (world.rank + ranks) % world.size, waits: waits)
    }

    /// The first rank of the second half: it has all of tower B, as rank zero has all of tower A.
    var leaderOfOther: Int { world.size / 2 }

    /// What this rank builds of a net.
    package func definition(of whole: PhaseNet) throws -> (net: NetParameter, column: Int?) {
        guard let half else { return (whole.net, nil) }
        let split = try TowerSplit(whole.net, half: half)
        return (split.definition, split.column)
    }

    private final class Link: PartnerLink {
        private let world: any Communicator
        private let rank: Int
        private let waits: WaitTime

        init(_ world: any Communicator, rank: Int, waits: WaitTime) {
            self.world = world
            self.rank = rank
            self.waits = waits
        }

        func swap(_ mine: Span<Float>, _ theirs: inout MutableSpan<Float>) throws {
            let start = ContinuousClock.now
            defer { waits.add(since: start) }
            try world.swap(mine, &theirs, with: rank)
        }

        /// A first swap of one number tells the length of the second.
        func swap(shapes mine: [[Int]]) throws -> [[Int]] {
            let words = mine.flatMap { [Float($0.count)] + $0.map { Float($0) } }
            let count = try swap([Float(words.count)], count: 1)[0]
            var rest = try swap(words, count: Int(count))[...]
            var shapes: [[Int]] = []
            while let axes = rest.popFirst() {
                shapes.append(rest.prefix(Int(axes)).map { Int($0) })
                rest = rest.dropFirst(Int(axes))
            }
            return shapes
        }

        private func swap(_ mine: [Float], count: Int) throws -> [Float] {
            let theirs = FloatStorage(count: count)
            try theirs.withMutableSpan { (theirs: inout MutableSpan<Float>) in
                try world.swap(mine.span, &theirs, with: rank)
            }
            return theirs.array(0..<count)
        }
    }
}
