import Foundation
import Nets
import TestSupport
import Testing

struct TanHLayerTests {
    private func net(top: String = "y") -> String {
        TestNet.input("x", [3, 4, 5]) + #"layer { name: "L" type: "TanH" bottom: "x" top: "\#(top)" }"#
    }

    @Test(arguments: ["x", "y"])
    func forwardIsTheFunction(top: String) throws {
        let net = try TestNet.make(net(top: top))
        let x = TestValues.uniform(60, -30...30)
        net.input("x").copyData(from: x)
        try net.forward()
        #expect(Compare.mismatch("y", net.known(top).dataArray, x.map { Float(tanh(Double($0))) }) == nil)
    }

    @Test(arguments: ["x", "y"])
    func gradientIsTheDerivative(top: String) throws {
        let net = try TestNet.make(net(top: top), forceBackward: true)
        let (x, dy) = (TestValues.uniform(60, -3...3), TestValues.uniform(60, seed: 2))
        net.input("x").copyData(from: x)
        try net.forward()
        net.known(top).copyDiff(from: dy)
        try net.backward()
        let expected = zip(x, dy).map { x, dy in Float(Double(dy) * (1 - pow(tanh(Double(x)), 2))) }
        #expect(Compare.mismatch("dx", net.input("x").diffArray, expected) == nil)
    }

    @Test func gradientAgreesWithDifferences() throws {
        #expect(try GradientChecker(net()).mismatches() == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("tanh").mismatches() == [])
    }
}
