import Foundation
import Nets
import TestSupport
import Testing

struct SwishLayerTests {
    /// What `swish_param` says, the function of x that it makes, and its derivative.
    struct Case: Sendable {
        let parameter: String
        let value: @Sendable (Double) -> Double
        let derivative: @Sendable (Double) -> Double
    }

    static let cases = [
        Case(
            parameter: "", value: { $0 / (1 + exp(-$0)) },
            derivative: { (1 + exp(-$0) + $0 * exp(-$0)) / pow(1 + exp(-$0), 2) }),
        Case(
            parameter: "swish_param { beta: 2 }", value: { $0 / (1 + exp(-2 * $0)) },
            derivative: { (1 + exp(-2 * $0) + 2 * $0 * exp(-2 * $0)) / pow(1 + exp(-2 * $0), 2) }),
    ]

    private func net(_ parameter: String, top: String = "y") -> String {
        TestNet.input("x", [3, 4, 5]) + #"layer { name: "L" type: "Swish" bottom: "x" top: "\#(top)" \#(parameter) }"#
    }

    private let x = TestValues.uniform(60, -3...3, kinks: [])

    @Test(arguments: cases.indices, ["x", "y"])
    func isTheFunctionAndItsDerivative(index: Int, top: String) throws {
        let (function, dy) = (Self.cases[index], TestValues.uniform(60, seed: 2))
        let net = try TestNet.make(net(function.parameter, top: top), forceBackward: true)
        net.input("x").copyData(from: x)
        try net.forward()
        let y = x.map { Float(function.value(Double($0))) }
        #expect(Compare.mismatch("y", net.known(top).dataArray, y) == nil)
        net.known(top).copyDiff(from: dy)
        try net.backward()
        let dx = zip(x, dy).map { Float(Double($1) * function.derivative(Double($0))) }
        #expect(Compare.mismatch("dx", net.input("x").diffArray, dx) == nil)
    }

    @Test(arguments: cases.indices) func gradientAgreesWithDifferences(index: Int) throws {
        let checker = try GradientChecker(net(Self.cases[index].parameter))
        checker.set("x", x)
        #expect(try checker.mismatches() == [])
    }
}
