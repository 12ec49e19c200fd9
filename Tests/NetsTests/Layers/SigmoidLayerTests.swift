import Foundation
import Nets
import TestSupport
import Testing

struct SigmoidLayerTests {
    private func net(top: String = "y") -> String {
        TestNet.input("x", [3, 4, 5]) + #"layer { name: "L" type: "Sigmoid" bottom: "x" top: "\#(top)" }"#
    }

    private func sigmoid(_ x: Float) -> Double { 1 / (1 + exp(-Double(x))) }

    @Test(arguments: ["x", "y"])
    func forwardIsTheFunction(top: String) throws {
        let net = try TestNet.make(net(top: top))
        let x = TestValues.uniform(60, -30...30)
        net.input("x").copyData(from: x)
        try net.forward()
        #expect(Compare.mismatch("y", net.known(top).dataArray, x.map { Float(sigmoid($0)) }) == nil)
    }

    @Test(arguments: ["x", "y"])
    func gradientIsTheDerivative(top: String) throws {
        let net = try TestNet.make(net(top: top), forceBackward: true)
        let (x, dy) = (TestValues.uniform(60, -3...3), TestValues.uniform(60, seed: 2))
        net.input("x").copyData(from: x)
        try net.forward()
        net.known(top).copyDiff(from: dy)
        try net.backward()
        let expected = zip(x, dy).map { x, dy in dy * Float(sigmoid(x) * (1 - sigmoid(x))) }
        #expect(Compare.mismatch("dx", net.input("x").diffArray, expected) == nil)
    }

    @Test func gradientAgreesWithDifferences() throws {
        #expect(try GradientChecker(net()).mismatches() == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("sigmoid").mismatches() == [])
    }
}
