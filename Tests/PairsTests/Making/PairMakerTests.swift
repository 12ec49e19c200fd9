import Pairs
import Testing

struct PairMakerTests {
    private func recipe(_ edit: (inout PairRecipe) -> Void = { _ in }) -> PairRecipe {
        var recipe = PairRecipe()
        edit(&recipe)
        return recipe
    }

    /// What holds for all pairs: the label is right, and no pair comes twice, nor is an image paired with itself.
    private func check(_ pairs: [MadePair], _ table: ImageTable, within part: IdentitySplit.Part? = nil) {
        let allowed = Set((part ?? table.whole).identities)
        for pair in pairs {
            let identities = [pair.first, pair.second].map { table.identity(of: Int($0)) }
            #expect((identities[0] == identities[1]) == pair.isMatching)
            #expect(pair.first != pair.second && identities.allSatisfy(allowed.contains))
            if table.hasViews { #expect([pair.first, pair.second].map { table.view(of: Int($0)) } == [0, 1]) }
        }
        #expect(Set(pairs.map { $0.key(hasViews: table.hasViews) }).count == pairs.count)
    }

    /// How often each image is used.
    private func uses(_ pairs: [MadePair], _ table: ImageTable) -> [Int] {
        var uses = [Int](repeating: 0, count: table.imageCount)
        for pair in pairs {
            uses[Int(pair.first)] += 1
            uses[Int(pair.second)] += 1
        }
        return uses
    }

    @Test(arguments: [0, 1, 3])
    func balance(impostors: Int) throws {
        let table = try ImageTable.made([4, 1, 5, 2, 7, 3, 6])
        let part = IdentitySplit.Part(name: "val", identities: [0, 1, 2, 4, 6])
        let pairs = try PairMaker(table, part, recipe { $0.impostors = impostors }).pairs()
        check(pairs, table, within: part)
        let matching = 6 + 0 + 10 + 21 + 15
        #expect(pairs.count { $0.isMatching } == matching)
        #expect(pairs.count == matching * (1 + impostors))
    }

    @Test func limitedMatchingPairsUseImagesEvenly() throws {
        let table = try ImageTable.made([10, 9, 3, 1, 8])
        for count in [1, 3, 7, 12] {
            let maker = try PairMaker(table, table.whole, recipe { $0.matching = .perIdentity(count) })
            let pairs = maker.matchingPairs()
            check(pairs, table)
            #expect(pairs.count == [45, 36, 3, 0, 28].reduce(0) { $0 + min(count, $1) })
            let uses = uses(pairs, table)
            for identity in 0..<5 {
                let own = table.images(of: identity, side: 0).map { uses[$0] }
                #expect((own.max() ?? 0) - (own.min() ?? 0) <= 1)
            }
            #expect(maker.unmatched == 1)
        }
    }

    /// Of identities with equally many images every image is in as many impostor pairs, nearly, on either side.
    @Test func impostorsUseIdentitiesAndImagesEvenly() throws {
        let table = try ImageTable.made([Int](repeating: 10, count: 60))
        let pairs = try PairMaker(table, table.whole, recipe()).impostorPairs()
        check(pairs, table)
        #expect(pairs.count == 60 * 45)
        let uses = uses(pairs, table)
        #expect(uses.allSatisfy { (7...11).contains($0) }, "\(uses.min() ?? 0) to \(uses.max() ?? 0)")
        for side in [\MadePair.first, \MadePair.second] {
            var counts = [Int](repeating: 0, count: 60)
            for pair in pairs { counts[table.identity(of: Int(pair[keyPath: side]))] += 1 }
            #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 2)
        }
    }

    /// A large identity is not in more impostor pairs than a small one.
    @Test func largeIdentitiesDoNotCrowdOutSmallOnes() throws {
        let table = try ImageTable.made([200] + [Int](repeating: 10, count: 99))
        let maker = try PairMaker(table, table.whole, recipe { $0.matching = .perIdentity(20) })
        let pairs = maker.impostorPairs()
        check(pairs, table)
        let large = pairs.count { table.identity(of: Int($0.first)) == 0 || table.identity(of: Int($0.second)) == 0 }
        #expect((38...42).contains(large), "\(large)")
    }

    /// From a single pair to all of them, where identities are few, one-sided or small.
    @Test(arguments: [[3, 3], [1, 1, 9], [20, 1], [2, 2, 2, 2], [4, 0, 5]])
    func anyShareOfAllImpostors(counts: [Int]) throws {
        for second in [nil, counts.reversed()] as [[Int]?] {
            let table = try ImageTable.made(counts, second: second)
            let images = SplitImages(table, table.whole.identities)
            for count in 0...images.impostorPairs {
                var draw = ImpostorDraw(images, seed: 3, purpose: "test", given: [])
                let pairs = draw.pairs(count)
                #expect(pairs.count == count)
                check(pairs, table)
            }
        }
    }

    @Test func twoViews() throws {
        let table = try ImageTable.made([3, 1, 4, 0, 2], second: [2, 5, 4, 3, 0])
        let pairs = try PairMaker(table, table.whole, recipe()).pairs()
        check(pairs, table)
        #expect(pairs.count { $0.isMatching } == 6 + 5 + 16)
        #expect(pairs.count == 54)
    }

    @Test func exhaustive() throws {
        for (table, matching, all) in [
            (try ImageTable.made([3, 4, 1]), 9, 28), (try ImageTable.made([3, 1], second: [2, 2]), 8, 16),
        ] {
            let maker = try PairMaker(table, table.whole, recipe { $0.isExhaustive = true })
            let pairs = maker.pairs()
            check(pairs, table)
            #expect(pairs.count == all && maker.impostorCount == all - matching)
            #expect(pairs.count { $0.isMatching } == matching)
        }
    }

    /// The same again from the same seed; other pairs in another order from another.
    @Test func theSeedDecides() throws {
        let table = try ImageTable.made([6, 6, 6, 6, 6, 6, 6])
        func pairs(_ seed: UInt64, _ count: Int = 4) throws -> [MadePair] {
            try PairMaker(
                table, table.whole,
                recipe {
                    $0.matching = .perIdentity(count)
                    $0.seed = seed
                }
            ).pairs()
        }
        #expect(try pairs(1) == pairs(1))
        #expect(try pairs(1) != pairs(2))
        #expect(try Set(pairs(1)) != Set(pairs(2)))
    }

    /// Impostor pairs that are given are kept, count, and don't come again.
    @Test func givenImpostors() throws {
        let table = try ImageTable.made([Int](repeating: 4, count: 10))
        let given = [MadePair(0, 7, isMatching: false), MadePair(30, 11, isMatching: false)]
        let pairs = try PairMaker(table, table.whole, recipe { $0.impostors = 2 }).pairs(given: given)
        check(pairs, table)
        #expect(pairs.count == 60 * 3)
        #expect(Set(pairs).isSuperset(of: given))
    }

    @Test func refusals() throws {
        func error(_ counts: [Int], _ edit: (inout PairRecipe) -> Void = { _ in }) throws -> MakingError? {
            let table = try ImageTable.made(counts)
            return #expect(throws: MakingError.self) { try PairMaker(table, table.whole, recipe(edit)) }
        }
        #expect(try error([1, 1, 1]) == .noMatchingPair(split: "train", identities: 3))
        #expect(try error([5]) == .tooFewIdentities(split: "train"))
        #expect(
            try error([2, 2]) { $0.impostors = 3 } == .tooFewImpostors(split: "train", wanted: 6, possible: 4))
        #expect(try error([50, 50]) { $0.limit = 2449 } == .tooManyPairs(split: "train", count: 4900, limit: 2449))
        #expect(
            try error([50, 50]) { $0.impostors = .max }
                == .tooManyPairs(
                    split: "train", count: .max, limit: PairRecipe.usualLimit))
    }
}
