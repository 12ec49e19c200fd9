import Nets
import Tensors
import TestSupport
import Testing

struct HingeLossLayerTests {
    private func net(_ parameter: String = "", label: Shape = [4]) -> String {
        TestNet.input("x", [4, 3]) + TestNet.input("label", label)
            + """
            layer {
              name: "L" type: "HingeLoss" bottom: "x" bottom: "label" top: "loss" hinge_loss_param { \(parameter) }
            }
            """
    }

    private let x = TestValues.uniform(12, -2...2, kinks: [-1, 1])
    private let labels: [Float] = [0, 2, 1, 2]

    @Test(arguments: ["L1", "L2"]) func forwardIsTheMean(norm: String) throws {
        let net = try TestNet.make(net("norm: \(norm)"))
        net.input("x").copyData(from: x)
        net.input("label").copyData(from: labels)
        let sum = x.indices.reduce(Float(0)) { sum, i in
            let opening = max(0, 1 + (Int(labels[i / 3]) == i % 3 ? -x[i] : x[i]))
            return sum + (norm == "L1" ? opening : opening * opening)
        }
        #expect(Compare.mismatch("loss", [try net.forward()], [sum / 4]) == nil)
    }

    @Test(arguments: ["L1", "L2"]) func gradientAgreesWithDifferences(norm: String) throws {
        let checker = try GradientChecker(net("norm: \(norm)"))
        checker.set("x", x)
        checker.set("label", labels)
        #expect(try checker.mismatches() == [])
    }

    @Test(arguments: ["hinge_L1", "hinge_L2"]) func agreesWithCaffe(name: String) throws {
        #expect(try GoldenLayerCheck(name).mismatches() == [])
    }

    @Test func refusesLabelsThatDoNotFit() throws {
        #expect(
            try TestNet.fault(net(label: [3]))
                == "layer L (HingeLoss): needs one label for each sample of \"x\" of shape 4×3, found \"label\" of "
                + "shape 3")
    }
}
