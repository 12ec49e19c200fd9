import Foundation
import Nets
import Tensors
import TestSupport
import Testing

struct InfoNCELossLayerTests {
    private static let batch = 7
    private static let length = 4
    private let a = TestValues.uniform(28, seed: 1)
    private let b = TestValues.uniform(28, seed: 2)

    private func net(
        _ parameter: String = "", pairs: Int = batch, b: Shape? = nil, label: Shape? = nil, more: String = ""
    ) -> String {
        TestNet.input("a", [pairs, Self.length]) + TestNet.input("b", b ?? [pairs, Self.length])
            + (label.map { TestNet.input("y", $0) } ?? "")
                + """
                layer {
                  name: "L" type: "InfoNCELoss" bottom: "a" bottom: "b" \(label == nil ? "" : #"bottom: "y""#) top: "loss"
                  info_nce_loss_param { \(parameter) } \(more)
                }
                """
    }

    private func fill(_ net: Net, label: [Float]? = nil) {
        net.input("a").copyData(from: a)
        net.input("b").copyData(from: b)
        if let label { net.input("y").copyData(from: label) }
    }

    /// The loss by plain loops.
    ///
    /// - Parameters:
    ///   - counts: the pairs that count.
    ///   - strangers: whether two of them don't show the same.
    private func loss(
        temperature: Double, counts: [Int] = Array(0..<batch), strangers: (Int, Int) -> Bool = { $0 != $1 }
    ) -> Double {
        func logit(_ i: Int, _ j: Int) -> Double {
            (0..<Self.length).reduce(0.0) { $0 + Double(a[i * Self.length + $1]) * Double(b[j * Self.length + $1]) }
                / temperature
        }
        let sum = counts.reduce(0.0) { sum, i in
            let others = counts.filter { $0 == i || strangers(i, $0) }
            let row = others.reduce(0.0) { $0 + exp(logit(i, $1)) }
            let column = others.reduce(0.0) { $0 + exp(logit($1, i)) }
            return sum + log(row) + log(column) - 2 * logit(i, i)
        }
        return sum / Double(2 * counts.count)
    }

    @Test(arguments: [("", 0.07), ("temperature: 0.5", 0.5), ("temperature: 0.5 learned: true", 0.5)])
    func forwardIsTheCrossEntropyBothWays(parameter: String, temperature: Double) throws {
        let net = try TestNet.make(net(parameter))
        net.parameters.fill(seed: 1)
        fill(net)
        #expect(Compare.mismatch("loss", [try net.forward()], [Float(loss(temperature: temperature))]) == nil)
    }

    @Test func forwardKeepsTheDistances() throws {
        let net = try TestNet.make(net(label: [Self.batch]), NetContext(phase: .test))
        let label: [Float] = [1, 0, 1, 1, 0, 1, 1]
        fill(net, label: label)
        let loss = try net.forward()
        let layer = try #require(net.step(named: "L")?.layer as? any PairLossLayer)
        let expected = (0..<Self.batch).map { n in
            (n * Self.length..<(n + 1) * Self.length).reduce(Float(0)) { $0 + (a[$1] - b[$1]) * (a[$1] - b[$1]) }
                .squareRoot()
        }
        #expect(Compare.mismatch("distances", layer.distances, expected) == nil)
        #expect(layer.matches == label.map { $0 == 1 })
        // Pairs that don't match are measured and nothing else.
        #expect(
            Compare.mismatch("loss", [loss], [Float(self.loss(temperature: 0.07, counts: [0, 2, 3, 5, 6]))]) == nil)
    }

    @Test func pairsOfOneIdentityAreNoNegatives() throws {
        let net = try TestNet.make(net("label: IDENTITY temperature: 0.3", label: [Self.batch]))
        let label: [Float] = [0, 1, 0, 2, 5, 1, 0]
        fill(net, label: label)
        let expected = loss(temperature: 0.3) { label[$0] != label[$1] }
        #expect(Compare.mismatch("loss", [try net.forward()], [Float(expected)]) == nil)
        let layer = try #require(net.step(named: "L")?.layer as? any PairLossLayer)
        #expect(layer.matches.allSatisfy { $0 })
    }

    @Test func aLonePairCostsNothing() throws {
        let net = try TestNet.make(net(pairs: 1), forceBackward: true)
        #expect(try net.forward() == 0)
        try net.backward()
        #expect(net.input("a").diffArray.allSatisfy { $0 == 0 })
    }

    @Test(arguments: ["temperature: 0.4", "temperature: 0.4 learned: true"])
    func gradientAgreesWithDifferences(parameter: String) throws {
        let checker = try GradientChecker(net(parameter, more: "loss_weight: 3"), step: 1e-3)
        fill(checker.net)
        #expect(try checker.mismatches() == [])
    }

    @Test func gradientOfIdentitiesAgreesWithDifferences() throws {
        let parameter = "temperature: 0.4 learned: true label: IDENTITY"
        let checker = try GradientChecker(net(parameter, label: [Self.batch]), step: 1e-3)
        fill(checker.net, label: [0, 1, 0, 2, 5, 1, 0])
        #expect(try checker.mismatches() == [])
    }

    /// A learned temperature is kept at 0.01 or above while it trains, and has no decay.
    @Test func theTemperatureIsLimited() throws {
        let net = try TestNet.make(net("learned: true"))
        fill(net)
        let parameter = net.parameters.parameters[0]
        #expect(parameter.decayMultiplier == 0 && parameter.learningRateMultiplier == 1)
        parameter.blob.copyData(from: [9])
        try net.forward()
        #expect(parameter.blob.dataArray == [log(100)])
        #expect(
            try TestNet.make(self.net("learned: true", more: "param { lr_mult: 2 }")).parameters.parameters[0]
                .decayMultiplier == 1)
    }

    // MARK: Ranks

    /// What a shard has after a forward and a backward pass: the loss, da, db, d(log 1/τ).
    private func run(_ shard: Range<Int>, _ reducer: any BatchReducer, label: [Float]? = nil) throws -> [[Float]] {
        let context = NetContext(phase: .train, globalBatch: Self.batch, shard: shard, reducer: reducer)
        let parameter = "temperature: 0.3 learned: true \(label == nil ? "" : "label: IDENTITY")"
        let net = try TestNet.make(
            net(parameter, pairs: shard.count, label: label.map { _ in [shard.count] }), context, forceBackward: true)
        net.parameters.fill(seed: 1)
        let floats = shard.lowerBound * Self.length..<shard.upperBound * Self.length
        net.input("a").copyData(from: Array(a[floats]))
        net.input("b").copyData(from: Array(b[floats]))
        if let label { net.input("y").copyData(from: Array(label[shard])) }
        let loss = try net.forward()
        try net.backward()
        return [
            [loss], net.input("a").diffArray, net.input("b").diffArray, net.parameters.parameters[0].blob.diffArray,
        ]
    }

    @Test(arguments: [[0..<2, 2..<7], [0..<1, 1..<3, 3..<7]], [nil, [0, 1, 0, 2, 5, 1, 0]] as [[Float]?])
    func shardsAreTheBatch(shards: [Range<Int>], label: [Float]?) throws {
        let whole = try run(0..<Self.batch, OwnBatch(), label: label)
        let parts = try ShardedRun.results(shards) { try run($0, $1, label: label) }
        for index in [0, 3] {
            #expect(Compare.mismatch("array \(index)", [parts.reduce(0) { $0 + $1[index][0] }], whole[index]) == nil)
        }
        for index in [1, 2] {
            #expect(Compare.mismatch("array \(index)", parts.flatMap { $0[index] }, whole[index]) == nil)
        }
    }

    // MARK: Refusals

    @Test func refusesPairsThatDoNotMatch() throws {
        let net = try TestNet.make(net(label: [Self.batch]))
        fill(net, label: [1, 1, 0, 1, 1, 1, 1])
        let error = #expect(throws: NetError.self) { try net.forward() }
        #expect(
            error?.description
                == "layer L (InfoNCELoss): takes matching pairs only, since each other pair's image is one that does not "
                + "match, but pair 3 of this batch has label 0; take the pairs with label 0 out of the lists (or say "
                + "label: IDENTITY if the labels are numbers of identities)")
    }

    @Test func refusesWhatDoesNotFit() throws {
        #expect(
            try TestNet.fault(net(b: [7, 5]))
                == "layer L (InfoNCELoss): compares two embeddings of one shape N×C, found \"a\" 7×4 and \"b\" 7×5")
        #expect(
            try TestNet.fault(net("label: IDENTITY"))
                == "layer L (InfoNCELoss): has label: IDENTITY, but no third bottom with the identities; give it one, or "
                + "leave that out")
        for parameter in ["temperature: 0", "temperature: 0.005 learned: true"] {
            #expect(
                try TestNet.fault(net(parameter))?.hasSuffix(
                    "it must be above 0, and a learned one begin at 0.01 or more") == true)
        }
        let context = NetContext(phase: .train, globalBatch: 14, shard: 0..<14)
        #expect(
            try TestNet.fault(net(), context)
                == "layer L (InfoNCELoss): needs an embedding for each of the 14 pairs of a pass, found \"a\" of shape 7×4"
        )
    }

    @Test func piecesOfABatchAreRefused() throws {
        let context = NetContext(phase: .train, globalBatch: 14, shard: 0..<7, wholeShard: 0..<14)
        #expect(
            try TestNet.fault(net(), context)?.contains("but with --deterministic a pass has a piece of it") == true)
    }
}
