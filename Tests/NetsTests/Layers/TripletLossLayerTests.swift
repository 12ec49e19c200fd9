import Nets
import Tensors
import TestSupport
import Testing

struct TripletLossLayerTests {
    private static let batch = 7
    private static let length = 4
    private static let given = "negatives: LIST margin: 0.7"
    private let a = TestValues.uniform(28, seed: 1)
    private let b = TestValues.uniform(28, seed: 2)
    private let c = TestValues.uniform(28, seed: 3)
    private let label: [Float] = [0, 1, 0, 2, 5, 1, 0]

    /// - Parameter third: shape of the third bottom.
    private func net(_ parameter: String = "", pairs: Int = batch, third: Shape? = nil, more: String = "") -> String {
        TestNet.input("a", [pairs, Self.length]) + TestNet.input("b", [pairs, Self.length])
            + (third.map { TestNet.input("c", $0) } ?? "")
                + """
                layer {
                  name: "L" type: "TripletLoss" bottom: "a" bottom: "b" \(third == nil ? "" : #"bottom: "c""#) top: "loss"
                  triplet_loss_param { \(parameter) } \(more)
                }
                """
    }

    private func fill(_ net: Net, third: [Float]? = nil) {
        net.input("a").copyData(from: a)
        net.input("b").copyData(from: b)
        if let third { net.input("c").copyData(from: third) }
    }

    private func squared(_ x: [Float], _ i: Int, _ y: [Float], _ j: Int) -> Double {
        (0..<Self.length).reduce(0.0) {
            let difference = Double(x[i * Self.length + $1]) - Double(y[j * Self.length + $1])
            return $0 + difference * difference
        }
    }

    /// The loss with semi-hard negatives by plain loops.
    private func minedLoss(margin: Double, counts: [Int] = Array(0..<batch), strangers: (Int, Int) -> Bool) -> Double {
        [(a, b), (b, a)].reduce(0.0) { sum, side in
            counts.reduce(sum) { sum, i in
                let positive = squared(side.0, i, side.1, i)
                let others = counts.filter { strangers(i, $0) }.map { squared(side.0, i, side.1, $0) }
                guard let negative = others.filter({ $0 > positive }).min() ?? others.max() else { return sum }
                return sum + max(0, positive - negative + margin)
            }
        } / Double(2 * counts.count)
    }

    // MARK: Given triplets

    @Test func givenTripletsCostWhatTheyLack() throws {
        let net = try TestNet.make(net(Self.given, third: [Self.batch, Self.length]))
        fill(net, third: c)
        let expected = (0..<Self.batch).reduce(0.0) {
            $0 + max(0, squared(a, $1, b, $1) - squared(a, $1, c, $1) + 0.7)
        }
        #expect(Compare.mismatch("loss", [try net.forward()], [Float(expected / Double(Self.batch))]) == nil)
        let layer = try #require(net.step(named: "L")?.layer)
        #expect(!layer.asksWholeBatch)
        #expect((layer as? any PairLossLayer)?.distances.isEmpty == true)
    }

    @Test func gradientOfGivenTripletsAgreesWithDifferences() throws {
        let text = net(Self.given, third: [Self.batch, Self.length], more: "loss_weight: 3")
        let checker = try GradientChecker(text, step: 1e-3)
        fill(checker.net, third: c)
        #expect(try checker.mismatches() == [])
    }

    // MARK: Mining

    @Test(arguments: [0.2, 2]) func negativesAreSemiHard(margin: Double) throws {
        let net = try TestNet.make(net("margin: \(margin)"))
        fill(net)
        let expected = minedLoss(margin: margin) { $0 != $1 }
        #expect(expected > 0)
        #expect(Compare.mismatch("loss", [try net.forward()], [Float(expected)]) == nil)
    }

    @Test func labelsSayWhoIsAStranger() throws {
        let identities = try TestNet.make(net("label: IDENTITY margin: 2", third: [Self.batch]))
        fill(identities, third: label)
        let expected = minedLoss(margin: 2) { label[$0] != label[$1] }
        #expect(Compare.mismatch("loss", [try identities.forward()], [Float(expected)]) == nil)
        let pairs = try TestNet.make(net("margin: 2", third: [Self.batch]), NetContext(phase: .test))
        fill(pairs, third: label)
        let matching = minedLoss(margin: 2, counts: [1, 3, 4, 5]) { $0 != $1 }
        #expect(Compare.mismatch("loss", [try pairs.forward()], [Float(matching)]) == nil)
        let layer = try #require(pairs.step(named: "L")?.layer as? any PairLossLayer)
        #expect(layer.matches == label.map { $0 != 0 })
        let distances = (0..<Self.batch).map { Float(squared(a, $0, b, $0).squareRoot()) }
        #expect(Compare.mismatch("distances", layer.distances, distances) == nil)
    }

    /// A large margin, so that all triplets count; the step is small, so that no choice changes.
    @Test(arguments: [0.2, 5]) func gradientAgreesWithDifferences(margin: Double) throws {
        let checker = try GradientChecker(net("margin: \(margin)", more: "loss_weight: 3"), step: 1e-3)
        fill(checker.net)
        #expect(try checker.mismatches() == [])
    }

    @Test func aLonePairCostsNothing() throws {
        let net = try TestNet.make(net(pairs: 1), forceBackward: true)
        #expect(try net.forward() == 0)
        try net.backward()
        #expect(net.input("a").diffArray.allSatisfy { $0 == 0 })
    }

    // MARK: Ranks

    /// What a shard has after a forward and a backward pass: the loss, da, db.
    private func run(_ shard: Range<Int>, _ reducer: any BatchReducer, _ parameter: String) throws -> [[Float]] {
        let isGiven = parameter == Self.given
        let context = NetContext(phase: .train, globalBatch: Self.batch, shard: shard, reducer: reducer)
        let third: Shape = isGiven ? [shard.count, Self.length] : [shard.count]
        let net = try TestNet.make(
            net(parameter, pairs: shard.count, third: third), context, forceBackward: true)
        let floats = shard.lowerBound * Self.length..<shard.upperBound * Self.length
        net.input("a").copyData(from: Array(a[floats]))
        net.input("b").copyData(from: Array(b[floats]))
        net.input("c").copyData(from: isGiven ? Array(c[floats]) : Array(label[shard]))
        let loss = try net.forward()
        try net.backward()
        return [[loss], net.input("a").diffArray, net.input("b").diffArray]
    }

    @Test(arguments: [[0..<2, 2..<7], [0..<1, 1..<3, 3..<7]], [given, "label: IDENTITY margin: 2"])
    func shardsAreTheBatch(shards: [Range<Int>], parameter: String) throws {
        let whole = try run(0..<Self.batch, OwnBatch(), parameter)
        let parts = try ShardedRun.results(shards) { try run($0, $1, parameter) }
        #expect(Compare.mismatch("loss", [parts.reduce(0) { $0 + $1[0][0] }], whole[0]) == nil)
        for index in [1, 2] {
            #expect(Compare.mismatch("array \(index)", parts.flatMap { $0[index] }, whole[index]) == nil)
        }
    }

    @Test func refusesWhatDoesNotFit() throws {
        #expect(
            try TestNet.fault(net(third: [Self.batch, Self.length]))
                == "layer L (TripletLoss): takes its third bottom \"c\" for labels, but that is 7×4 as the embeddings are; "
                + "where it holds the negatives say triplet_loss_param { negatives: LIST }")
        #expect(
            try TestNet.fault(net(Self.given))
                == "layer L (TripletLoss): takes 3 bottom blob(s), found 2: [\"a\", \"b\"]")
        #expect(
            try TestNet.fault(net("margin: -1"))
                == "layer L (TripletLoss): has margin -1.0, which must not be negative")
        let net = try TestNet.make(net(third: [Self.batch]))
        fill(net, third: label)
        #expect(throws: NetError.self) { try net.forward() }
    }
}
