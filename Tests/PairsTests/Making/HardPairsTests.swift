import Pairs
import Testing

struct HardPairsTests {
    /// Three of ten identities each; the candidates of an image are those of the next identity.
    private func pairs(_ count: Int, seed: UInt64 = 1) throws -> (pairs: [MadePair], table: ImageTable) {
        let table = try ImageTable.made([Int](repeating: 3, count: 10))
        let matching = try PairMaker(table, table.whole, PairRecipe()).matchingPairs()
        let hard = HardPairs(table, split: "train", seed: seed).pairs(for: matching, count: count) { anchor in
            table.images(of: (table.identity(of: anchor) + 1) % 10, side: 0).map(Int32.init)
        }
        return (hard, table)
    }

    @Test(arguments: [0, 1, 10, 30]) func amongTheCandidates(count: Int) throws {
        let (pairs, table) = try pairs(count)
        #expect(pairs.count == count)
        #expect(Set(pairs.map { $0.key(hasViews: false) }).count == count)
        for pair in pairs {
            #expect(!pair.isMatching)
            #expect(table.identity(of: Int(pair.second)) == (table.identity(of: Int(pair.first)) + 1) % 10)
        }
    }

    /// No more than there are: of each anchor three.
    @Test func untilTheyAreUsedUp() throws {
        let (pairs, _) = try pairs(1000)
        let anchors = Set(pairs.map(\.first))
        #expect(pairs.count == 3 * anchors.count)
    }

    /// Every matching pair has a turn before one has a second.
    @Test func inTurns() throws {
        let uses = try pairs(30).pairs.reduce(into: [Int: Int]()) { $0[Int($1.first) / 3, default: 0] += 1 }
        #expect(uses.count == 10 && uses.values.allSatisfy { $0 == 3 })
    }

    @Test func theSeedDecides() throws {
        #expect(try pairs(20).pairs == pairs(20).pairs)
        #expect(try pairs(20).pairs != pairs(20, seed: 2).pairs)
    }
}
