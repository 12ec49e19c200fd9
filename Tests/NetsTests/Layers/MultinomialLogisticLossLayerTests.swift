import Foundation
import Nets
import Tensors
import TestSupport
import Testing

struct MultinomialLogisticLossLayerTests {
    private func net(label: Shape = [4]) -> String {
        TestNet.input("p", [4, 3]) + TestNet.input("label", label)
            + #"layer { name: "L" type: "MultinomialLogisticLoss" bottom: "p" bottom: "label" top: "loss" }"#
    }

    private let p = TestValues.uniform(12, 0.3...0.9)
    private let labels: [Float] = [0, 2, 1, 2]

    @Test func forwardIsTheMean() throws {
        let net = try TestNet.make(net())
        net.input("p").copyData(from: p)
        net.input("label").copyData(from: labels)
        let sum = labels.enumerated().reduce(Float(0)) { $0 - log(p[$1.offset * 3 + Int($1.element)]) }
        #expect(Compare.mismatch("loss", [try net.forward()], [sum / 4]) == nil)
    }

    @Test func gradientAgreesWithDifferences() throws {
        let checker = try GradientChecker(net())
        checker.set("p", p)
        checker.set("label", labels)
        #expect(try checker.mismatches() == [])
    }

    @Test func probabilityZeroStaysFinite() throws {
        let net = try TestNet.make(net(), forceBackward: true)
        net.input("p").copyData(from: Array(repeating: 0, count: 12))
        #expect(abs(try net.forward() - 20 * log(10)) < 1e-4)
        try net.backward()
        #expect(net.input("p").diffArray.allSatisfy { $0.isFinite })
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("multinomial_logistic").mismatches() == [])
    }

    @Test func refusesLabelsThatDoNotFit() throws {
        #expect(
            try TestNet.fault(net(label: [4, 2]))
                == "layer L (MultinomialLogisticLoss): needs one label for each sample of \"p\" of shape 4×3, found "
                + "\"label\" of shape 4×2")
    }
}
