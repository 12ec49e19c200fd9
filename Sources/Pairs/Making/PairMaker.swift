import Tensors

/// Makes the pairs of one split: matching pairs of each identity's images, and impostor pairs beside them.
///
/// Takes memory for the pairs that it makes, not for those that could be made. What it draws is a function of the table,
/// the split's name and the seed.
package struct PairMaker {
    private let part: IdentitySplit.Part
    private let recipe: PairRecipe
    private let images: SplitImages

    /// - Throws: `MakingError` where the split can't have such pairs, or would have too many.
    package init(_ table: ImageTable, _ part: IdentitySplit.Part, _ recipe: PairRecipe) throws(MakingError) {
        self.part = part
        self.recipe = recipe
        images = SplitImages(table, part.identities)
        try check()
    }

    /// How many images the split has.
    package var imageCount: Int { images.imageCount }

    /// How many of its identities have not the images for one matching pair.
    package var unmatched: Int { (0..<images.count).count { images.matchingPairs($0) == 0 } }

    /// How many matching pairs the split gets.
    package var matchingCount: Int { (0..<images.count).reduce(0) { $0 + matchingCount($1) } }

    /// How many impostor pairs it gets.
    package var impostorCount: Int { recipe.isExhaustive ? images.impostorPairs : matchingCount * recipe.impostors }

    /// The matching pairs, identity by identity.
    package func matchingPairs() -> [MadePair] {
        var pairs: [MadePair] = []
        pairs.reserveCapacity(matchingCount)
        let order = random("matching"), side = random("sides")
        for identity in 0..<images.count {
            let (first, second) = (images.images(identity, side: 0), images.images(identity, side: 1))
            let count = matchingCount(identity)
            if count == 0 { continue }
            let firsts = order.order(first.count, position: 2 * identity)
            let seconds = images.hasViews ? order.order(second.count, position: 2 * identity + 1) : firsts
            for place in 0..<count {
                var (a, b) =
                    images.hasViews
                    ? EvenPairs.pair(place, of: first.count, with: second.count)
                    : EvenPairs.pair(place, of: first.count)
                if !images.hasViews, side.bits(position: UInt64(pairs.count)).x & 1 == 1 { swap(&a, &b) }
                pairs.append(
                    MadePair(
                        first.lowerBound + Int(firsts[a]), second.lowerBound + Int(seconds[b]), isMatching: true))
            }
        }
        return pairs
    }

    /// The impostor pairs: those that are given, and others that are drawn.
    package func impostorPairs(given: [MadePair] = []) -> [MadePair] {
        var draw = ImpostorDraw(images, seed: recipe.seed, purpose: purpose("impostors"), given: given)
        return given + draw.pairs(impostorCount - given.count)
    }

    /// All pairs, in an order that is drawn once.
    package func pairs(given: [MadePair] = []) -> [MadePair] {
        var pairs = matchingPairs()
        pairs += impostorPairs(given: given)
        let random = random("order")
        for last in stride(from: pairs.count - 1, to: 0, by: -1) {
            pairs.swapAt(last, random.integer(below: last + 1, position: UInt64(last)))
        }
        return pairs
    }

    private func purpose(_ what: String) -> String { "pairs \(part.name) \(what)" }

    private func random(_ what: String) -> Random { Random(seed: recipe.seed, purpose: purpose(what)) }

    private func matchingCount(_ identity: Int) -> Int {
        let possible = images.matchingPairs(identity)
        if case .perIdentity(let count) = recipe.matching, !recipe.isExhaustive { return min(count, possible) }
        return possible
    }

    private func check() throws(MakingError) {
        let matching = matchingCount
        guard matching > 0 else { throw .noMatchingPair(split: part.name, identities: images.count) }
        let (wanted, isHuge) = matching.multipliedReportingOverflow(by: recipe.impostors)
        let possible = images.impostorPairs
        let impostors = recipe.isExhaustive ? possible : isHuge ? .max : wanted
        guard impostors <= recipe.limit, matching + impostors <= recipe.limit else {
            let count = impostors > .max - matching ? .max : matching + impostors
            throw .tooManyPairs(split: part.name, count: count, limit: recipe.limit)
        }
        guard impostors == 0 || images.count > 1 else { throw .tooFewIdentities(split: part.name) }
        guard impostors <= possible else {
            throw .tooFewImpostors(split: part.name, wanted: impostors, possible: possible)
        }
    }
}
