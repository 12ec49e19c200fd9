import CaffeProto
import Nets
import Tensors
import TestSupport
import Testing

struct ContrastiveLossLayerTests {
    private let pairs = 8
    private let length = 5

    private func net(
        _ parameter: String = "", a: Shape = [8, 5], b: Shape = [8, 5], label: Shape = [8], extra: String = ""
    ) -> String {
        TestNet.input("a", a) + TestNet.input("b", b) + TestNet.input("y", label)
            + """
            layer {
              name: "L" type: "ContrastiveLoss" bottom: "a" bottom: "b" bottom: "y" top: "loss" \(extra)
              contrastive_loss_param { \(parameter) }
            }
            """
    }

    /// Pairs, some nearer than the margin and some not, and their labels.
    private let a = TestValues.uniform(40, seed: 1)
    private let b = TestValues.uniform(40, seed: 2)
    private let label: [Float] = [0, 0, 0, 0, 1, 1, 0, 2]

    private func fill(_ net: Net) {
        net.input("a").copyData(from: a)
        net.input("b").copyData(from: b)
        net.input("y").copyData(from: label)
    }

    private func loss(margin: Double, legacy: Bool) -> Double {
        (0..<pairs).reduce(0.0) { sum, n in
            let squared = squaredDistance(n)
            if label[n] != 0 { return sum + squared }
            if legacy { return sum + max(margin - squared, 0) }
            let lack = max(margin - squared.squareRoot(), 0)
            return sum + lack * lack
        } / Double(2 * pairs)
    }

    private func squaredDistance(_ n: Int) -> Double {
        (n * length..<(n + 1) * length).reduce(0.0) { sum, i in
            let difference = Double(a[i]) - Double(b[i])
            return sum + difference * difference
        }
    }

    @Test(arguments: [false, true], [0.5, 1.7, 2])
    func forwardIsTheMeanOverPairs(legacy: Bool, margin: Double) throws {
        let net = try TestNet.make(net("margin: \(margin) legacy_version: \(legacy)"))
        fill(net)
        let loss = try net.forward()
        #expect(Compare.mismatch("loss", [loss], [Float(self.loss(margin: margin, legacy: legacy))]) == nil)
        #expect(net.known("loss").dataArray == [loss])
    }

    @Test func forwardKeepsTheDistances() throws {
        let net = try TestNet.make(net())
        fill(net)
        try net.forward()
        let layer = try #require(net.step(named: "L")?.layer as? ContrastiveLossLayer)
        let expected = (0..<pairs).map { Float(squaredDistance($0).squareRoot()) }
        #expect(Compare.mismatch("distances", layer.distances, expected) == nil)
        #expect(layer.matches == label.map { $0 != 0 })
    }

    @Test(arguments: [false, true])
    func gradientAgreesWithDifferences(legacy: Bool) throws {
        let checker = try GradientChecker(
            net("margin: 2 legacy_version: \(legacy)", extra: "loss_weight: 3"), step: 1e-3)
        fill(checker.net)
        #expect(try checker.mismatches() == [])
    }

    /// Caffe's gradient of a pair pushed apart is the true one times d / (d + 10⁻⁴), and zero where the pair coincides.
    @Test func pushesApartAsCaffeDoes() throws {
        let net = try TestNet.make(net("margin: 1", a: [2, 1], b: [2, 1], label: [2]), forceBackward: true)
        net.input("a").copyData(from: [0.25, 0.5])
        net.input("b").copyData(from: [0, 0.5])
        try net.forward()
        try net.backward()
        let expected: Float = -(1 - 0.25) / (0.25 + 1e-4) * 0.25 / 2
        #expect(Compare.mismatch("da", net.input("a").diffArray, [expected, 0], tolerance: 1e-6) == nil)
        #expect(Compare.mismatch("db", net.input("b").diffArray, [-expected, 0], tolerance: 1e-6) == nil)
    }

    @Test(arguments: ["contrastive_legacy_false", "contrastive_legacy_true", "contrastive_noninteger_label"])
    func agreesWithCaffe(golden: String) throws {
        #expect(try GoldenLayerCheck(golden).mismatches() == [])
    }

    @Test func refusesShapesThatDoNotFit() throws {
        #expect(
            try TestNet.fault(net(b: [8, 6]))
                == "layer L (ContrastiveLoss): compares two embeddings of one shape N×C, found \"a\" 8×5 and \"b\" 8×6")
        #expect(
            try TestNet.fault(net(a: [8, 5, 2, 2], b: [8, 5, 2, 2]))
                == "layer L (ContrastiveLoss): compares two embeddings of one shape N×C, found \"a\" 8×5×2×2 and "
                + "\"b\" 8×5×2×2")
        #expect(
            try TestNet.fault(net(label: [7]))
                == "layer L (ContrastiveLoss): needs a label for each of 8 pairs, found \"y\" of shape 7")
    }
}
