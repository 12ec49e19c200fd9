import Tensors
import Testing
import Verification

struct BootstrapTests {
    /// Pairs of `people` identities: one matching pair each, and others between neighbours; an offset for each person.
    private static func list(people: Int, ofPeople: Float, ofPairs: Float) -> (DistanceTable, PairIdentities) {
        let random = Random(seed: 4, purpose: "bootstrap test")
        func noise(_ position: Int, _ index: Int) -> Float {
            let bits = random.bits(position: UInt64(position), index: UInt64(index))
            return Random.unit(bits.x) + Random.unit(bits.y) + Random.unit(bits.z) - 1.5
        }
        var table = DistanceTable()
        var names: [(String, String)] = []
        for person in 0..<people {
            for pair in 0..<10 {
                let match = pair < 5
                let other = match ? person : (person + pair) % people
                let offset = ofPeople * (noise(person, 1000) + noise(other, 1000))
                let distance = (match ? 1 : 2) + offset + ofPairs * noise(person, pair)
                table.append(.init(distance: distance, isMatch: match))
                names.append(("\(person)", "\(other)"))
            }
        }
        return (table, PairIdentities(names))
    }

    private static func area(_ table: DistanceTable, _ identities: PairIdentities?, replicates: Int = 400) throws
        -> Bootstrap.Interval
    {
        let figures = try #require(
            PairFigures(table, identities: identities, bootstrap: Bootstrap(replicates: replicates)))
        return try #require(figures["auc"]?.interval)
    }

    /// A pair weighs the product of its identities' draws, one within an identity that identity's draws.
    @Test
    func weightsArePerIdentity() throws {
        let table = MeasureTests.table(matching: [1, 2], other: [3, 4])
        let identities = PairIdentities([("a", "a"), ("b", "b"), ("a", "b"), ("c", "b")])
        let ranking = try #require(RankedPairs(table))
        let draw = Bootstrap.Draw(ranking, identities, seed: 7)
        for replicate in 0..<20 {
            let times = draw.multiplicities(replicate).map(Int.init)
            #expect(times.reduce(0, +) == 3)
            var counts = AcceptCounts(groups: 4)
            draw.fill(&counts, replicate)
            let weights = [times[0], times[1], times[0] * times[1], times[2] * times[1]]
            #expect(counts == ranking.counts(weights: weights))
        }
        #expect(Set((0..<20).map { draw.multiplicities($0) }).count > 5)
    }

    @Test
    func quantilesInterpolateAsNumpy() {
        // numpy.quantile([1, 2, 4, 8], [0, 0.025, 0.5, 0.975, 1])
        let sorted = [1.0, 2, 4, 8]
        let found = [0, 0.025, 0.5, 0.975, 1].map { Bootstrap.quantile($0, of: sorted) }
        for (a, b) in zip(found, [1, 1.075, 3, 7.7, 8]) { #expect(abs(a - b) < 1e-12) }
    }

    /// Of independent pairs the interval is as wide as Hanley and McNeil's standard error says (Radiology 143, 1982).
    @Test
    func independentPairsHaveTheKnownError() throws {
        let (table, _) = Self.list(people: 60, ofPeople: 0, ofPairs: 1.2)
        let curve = try #require(ROCCurve(table))
        let (a, n, m) = (curve.areaUnderCurve, Double(table.matches), Double(table.nonMatches))
        let (q1, q2) = (a / (2 - a), 2 * a * a / (1 + a))
        let variance = (a * (1 - a) + (n - 1) * (q1 - a * a) + (m - 1) * (q2 - a * a)) / (n * m)
        let interval = try Self.area(table, nil)
        #expect(interval.low < a && a < interval.high)
        let ratio = (interval.high - interval.low) / (2 * 1.96 * variance.squareRoot())
        #expect((0.8...1.25).contains(ratio), "\(ratio)")
    }

    /// Where people differ, pairs of one person say less than as many of many, which only drawing people shows.
    @Test
    func identitiesWidenTheInterval() throws {
        let (table, identities) = Self.list(people: 60, ofPeople: 0.8, ofPairs: 0.3)
        let pairs = try Self.area(table, nil)
        let people = try Self.area(table, identities)
        #expect(people.high - people.low > 1.25 * (pairs.high - pairs.low))
    }

    @Test
    func threadsChangeNothing() throws {
        let (table, identities) = Self.list(people: 12, ofPeople: 0.5, ofPairs: 1)
        let one = try #require(PairFigures(table, identities: identities, bootstrap: Bootstrap(replicates: 50)))
        Threads.configure(3)
        defer { Threads.configure(1) }
        let three = try #require(PairFigures(table, identities: identities, bootstrap: Bootstrap(replicates: 50)))
        #expect(one == three)
        let other = Bootstrap(replicates: 50, seed: 2)
        #expect(PairFigures(table, identities: identities, bootstrap: other)?["auc"] != one["auc"])
    }

    /// One identity of each kind at times leaves no pairs of a kind; such a replicate says nothing.
    @Test
    func replicatesOfOneKindAreLeftOut() throws {
        let table = MeasureTests.table(matching: [1, 3], other: [2, 4])
        let identities = PairIdentities([("a", "a"), ("b", "b"), ("a", "b"), ("a", "b")])
        let interval = try Self.area(table, identities, replicates: 200)
        #expect(interval.low == 0.75 && interval.high == 0.75)
    }
}
