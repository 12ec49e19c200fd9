import Foundation
import Nets
import Tensors
import TestSupport
import Testing

struct ExponentialLossLayerTests {
    private let pairs = 8
    private let length = 5

    private func net(_ parameter: String = "", b: Shape = [8, 5], label: Shape = [8], extra: String = "") -> String {
        TestNet.input("a", [8, 5]) + TestNet.input("b", b) + TestNet.input("y", label)
            + """
            layer {
              name: "L" type: "ExponentialLoss" bottom: "a" bottom: "b" bottom: "y" top: "loss" \(extra)
              exponential_loss_param { \(parameter) }
            }
            """
    }

    private let a = TestValues.uniform(40, seed: 1)
    private let b = TestValues.uniform(40, seed: 2)
    private let label: [Float] = [0, 0, 0, 0, 1, 1, 0, 2]

    private func fill(_ net: Net) {
        net.input("a").copyData(from: a)
        net.input("b").copyData(from: b)
        net.input("y").copyData(from: label)
    }

    private func distance(_ n: Int, isL1: Bool) -> Double {
        let differences = (n * length..<(n + 1) * length).map { Double(a[$0]) - Double(b[$0]) }
        return isL1
            ? differences.reduce(0) { $0 + abs($1) } : differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    @Test(arguments: [(norm: "", isL1: true), ("norm: L1", true), ("norm: L2", false)], [1.0, 7.5])
    func forwardIsTheMeanOverPairs(norm: (norm: String, isL1: Bool), q: Double) throws {
        let net = try TestNet.make(net("\(norm.norm) q: \(q)"))
        fill(net)
        let loss = try net.forward()
        let distances = (0..<pairs).map { distance($0, isL1: norm.isL1) }
        let expected = distances.enumerated().reduce(0.0) { sum, pair in
            sum + (label[pair.0] != 0 ? 2 / q * pair.1 * pair.1 : 2 * q * exp(-2.77 / q * pair.1))
        }
        #expect(Compare.mismatch("loss", [loss], [Float(expected / 8)]) == nil)
        let layer = try #require(net.step(named: "L")?.layer as? any PairLossLayer)
        #expect(Compare.mismatch("distances", layer.distances, distances.map { Float($0) }) == nil)
        #expect(layer.matches == label.map { $0 != 0 })
    }

    @Test(arguments: ["q: 4", "q: 4 norm: L2"])
    func gradientAgreesWithDifferences(parameter: String) throws {
        let checker = try GradientChecker(net(parameter, extra: "loss_weight: 3"), step: 1e-3)
        // No two numbers so near to each other that their difference changes its sign.
        let apart = zip(a, b).map { abs($0 - $1) < 0.01 ? $0 + 0.05 : $0 }
        fill(checker.net)
        checker.set("a", apart)
        #expect(try checker.mismatches() == [])
    }

    @Test(arguments: ["norm: L1", "norm: L2"])
    func coincidingEmbeddingsAreLeftAlone(parameter: String) throws {
        let net = try TestNet.make(net(parameter), forceBackward: true)
        fill(net)
        net.input("a").copyData(from: b)
        try net.forward()
        try net.backward()
        #expect(net.input("a").diffArray.allSatisfy { $0 == 0 })
    }

    @Test func refusesWhatDoesNotFit() throws {
        #expect(
            try TestNet.fault(net(b: [8, 6]))
                == "layer L (ExponentialLoss): compares two embeddings of one shape N×C, found \"a\" 8×5 and \"b\" 8×6")
        #expect(
            try TestNet.fault(net(label: [7]))
                == "layer L (ExponentialLoss): needs a label for each of 8 pairs, found \"y\" of shape 7")
        #expect(
            try TestNet.fault(net("q: 0"))
                == "layer L (ExponentialLoss): has q 0.0; it is an upper bound of the distances and must be above 0")
    }
}
