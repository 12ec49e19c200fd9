import Tensors

/// Draws impostor pairs of a split, none twice: identities evenly, and the images of each identity evenly.
package struct ImpostorDraw {
    private let images: SplitImages
    private let seed: UInt64
    private let purpose: String
    /// The keys of the pairs that are drawn already.
    private var used: Set<UInt64> = []

    /// - Parameter given: impostor pairs that are taken already.
    package init(_ images: SplitImages, seed: UInt64, purpose: String, given: [MadePair]) {
        (self.images, self.seed, self.purpose) = (images, seed, purpose)
        for pair in given { used.insert(pair.key(hasViews: images.hasViews)) }
    }

    /// So many pairs, of which there must be as many.
    package mutating func pairs(_ count: Int) -> [MadePair] {
        let possible = images.impostorPairs - used.count
        precondition(count <= possible, "\(count) of \(possible) impostor pairs")
        if count == 0 { return [] }
        return 2 * count > possible ? someOfAll(count) : drawn(count)
    }

    /// Most of all pairs there are: all are written down, and some taken.
    private func someOfAll(_ count: Int) -> [MadePair] {
        var all: [MadePair] = []
        images.forEachImpostor { first, second in
            let pair = MadePair(first, second, isMatching: false)
            if !used.contains(pair.key(hasViews: images.hasViews)) { all.append(pair) }
        }
        let random = Random(seed: seed, purpose: "\(purpose) all")
        for place in 0..<count {
            all.swapAt(place, place + random.integer(below: all.count - place, position: UInt64(place)))
        }
        return Array(all.prefix(count))
    }

    /// Few of all pairs there are: a deck of identities for either side, whose images take turns.
    private mutating func drawn(_ count: Int) -> [MadePair] {
        used.reserveCapacity(used.count + count)
        var pairs: [MadePair] = []
        pairs.reserveCapacity(count)
        var decks = [0, 1].map { side in
            IdentityDeck(
                (0..<images.count).filter { !images.images($0, side: side).isEmpty }, seed: seed,
                purpose: "\(purpose) deck \(side)")
        }
        var turns = ImageTurns(images, seed: seed, purpose: purpose)
        var anyPair = AnyImpostor(images, seed: seed, purpose: purpose)
        while pairs.count < count {
            let first = decks[0].next()
            if let second = decks[1].next(otherThan: first), let pair = unused(first, second, &turns) {
                pairs.append(pair)
            } else {
                // These two identities have no pair left, or hardly any: whatever is left elsewhere.
                while true {
                    let pair = anyPair.next()
                    guard used.insert(pair.key(hasViews: images.hasViews)).inserted else { continue }
                    pairs.append(pair)
                    break
                }
            }
        }
        return pairs
    }

    private static let attempts = 8

    /// A new pair of the next images of two identities.
    private mutating func unused(_ first: Int, _ second: Int, _ turns: inout ImageTurns) -> MadePair? {
        let a = turns.next(first, side: 0)
        for _ in 0..<min(Self.attempts, images.images(second, side: 1).count) {
            let pair = MadePair(a, turns.next(second, side: 1), isMatching: false)
            if used.insert(pair.key(hasViews: images.hasViews)).inserted { return pair }
        }
        return nil
    }
}

/// Whose turn it is of each identity's images, in a random order that stays.
private struct ImageTurns {
    private let images: SplitImages
    private let random: Random
    /// How often images of each identity were taken, on one side or, where both see the same, on either.
    private var taken: [[Int32]]
    /// The order of identities that were met, side by side.
    private var orders: [[[Int32]?]]

    init(_ images: SplitImages, seed: UInt64, purpose: String) {
        self.images = images
        random = Random(seed: seed, purpose: "\(purpose) turns")
        let sides = images.hasViews ? 2 : 1
        taken = .init(repeating: .init(repeating: 0, count: images.count), count: sides)
        orders = .init(repeating: .init(repeating: nil, count: images.count), count: sides)
    }

    mutating func next(_ identity: Int, side: Int) -> Int {
        let side = images.hasViews ? side : 0
        let range = images.images(identity, side: side)
        let order = orders[side][identity] ?? random.order(range.count, position: 2 * identity + side)
        orders[side][identity] = order
        let turn = Int(taken[side][identity]) % range.count
        taken[side][identity] += 1
        return range.lowerBound + Int(order[turn])
    }
}

/// Draws from all impostor pairs, each as likely as any other.
private struct AnyImpostor {
    private let images: SplitImages
    private let random: Random
    /// How many pairs begin with an identity before each.
    private let sums: [Int]
    private var draws: UInt64 = 0

    init(_ images: SplitImages, seed: UInt64, purpose: String) {
        self.images = images
        random = Random(seed: seed, purpose: "\(purpose) any")
        var sums = [0]
        for identity in 0..<images.count { sums.append(sums[identity] + images.impostorPairs(from: identity)) }
        self.sums = sums
    }

    mutating func next() -> MadePair {
        let number = random.integer(below: sums[images.count], position: draws)
        draws += 1
        var (low, high) = (0, images.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if sums[middle] <= number { low = middle } else { high = middle }
        }
        let own = images.images(low, side: 0)
        let (stranger, place) = (number - sums[low]).quotientAndRemainder(dividingBy: own.count)
        return MadePair(own.lowerBound + place, images.stranger(stranger, to: low), isMatching: false)
    }
}

extension Random {
    /// The numbers 0 ..< count in random order, as one position has them.
    func order(_ count: Int, position: Int) -> [Int32] {
        var order = (0..<Int32(count)).map(\.self)
        for last in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(last, integer(below: last + 1, position: UInt64(position), index: UInt64(last)))
        }
        return order
    }
}
