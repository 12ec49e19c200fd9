import Foundation
import Nets
import Tensors
import TestSupport
import Testing

struct SigmoidCrossEntropyLossLayerTests {
    private func net(_ loss: String = "", target: Shape = [4, 3]) -> String {
        TestNet.input("x", [4, 3]) + TestNet.input("t", target)
            + """
            layer { name: "L" type: "SigmoidCrossEntropyLoss" bottom: "x" bottom: "t" top: "loss" loss_param { \(loss) } }
            """
    }

    private let x = TestValues.uniform(12, -20...20)
    private let targets: [Float] = [0, 1, 0.5, 1, 1, 0, 0, 1, 0.25, 0, 1, 1]

    @Test(
        arguments: [
            ("", 4.0, nil), ("normalization: NONE", 1, nil), ("normalization: VALID", 12, nil),
            ("normalize: true", 12, nil),
            ("ignore_label: 1 normalization: VALID", 6, 1), ("ignore_label: 1 normalization: FULL", 12, 1),
        ] as [(String, Double, Float?)])
    func forwardIsTheMean(parameter: String, count: Double, ignored: Float?) throws {
        let net = try TestNet.make(net(parameter))
        net.input("x").copyData(from: x)
        net.input("t").copyData(from: targets)
        let sum = x.indices.filter { targets[$0] != ignored }.reduce(0.0) { sum, i in
            let (x, t) = (Double(x[i]), Double(targets[i]))
            return sum + t * log(1 + exp(-x)) + (1 - t) * log(1 + exp(x))
        }
        #expect(Compare.mismatch("loss", [try net.forward()], [Float(sum / count)]) == nil)
    }

    @Test(arguments: ["", "ignore_label: 1 normalization: VALID"])
    func gradientAgreesWithDifferences(parameter: String) throws {
        let checker = try GradientChecker(net(parameter))
        checker.set("t", targets)
        #expect(try checker.mismatches() == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("sigmoid_ce").mismatches() == [])
    }

    @Test func refusesTargetsThatDoNotFit() throws {
        #expect(
            try TestNet.fault(net(target: [4]))
                == "layer L (SigmoidCrossEntropyLoss): needs a target for each score, found \"x\" of shape 4×3 and "
                + "\"t\" of shape 4")
    }
}
