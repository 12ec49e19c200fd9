import Foundation
import Nets
import TestSupport
import Testing

struct PowerLayerTests {
    /// What `power_param` says, the function of x that it makes, and its derivative.
    struct Case: Sendable {
        let parameter: String
        let value: @Sendable (Double) -> Double
        let derivative: @Sendable (Double) -> Double
    }

    static let cases = [
        Case(parameter: "", value: { $0 }, derivative: { 0 * $0 + 1 }),
        Case(parameter: "power_param { scale: -2 shift: 3 }", value: { 3 - 2 * $0 }, derivative: { 0 * $0 - 2 }),
        Case(
            parameter: "power_param { power: 2 scale: 0.5 shift: 1 }", value: { pow(1 + 0.5 * $0, 2) },
            derivative: { 1 + 0.5 * $0 }),
        Case(
            parameter: "power_param { power: -1.5 scale: 0.5 shift: 1 }", value: { pow(1 + 0.5 * $0, -1.5) },
            derivative: { -0.75 * pow(1 + 0.5 * $0, -2.5) }),
        Case(parameter: "power_param { power: 3 }", value: { $0 * $0 * $0 }, derivative: { 3 * $0 * $0 }),
        Case(parameter: "power_param { power: 0 }", value: { 0 * $0 + 1 }, derivative: { 0 * $0 }),
        Case(parameter: "power_param { power: 3 scale: 0 shift: 2 }", value: { 0 * $0 + 8 }, derivative: { 0 * $0 }),
    ]

    private func net(_ parameter: String, top: String = "y") -> String {
        TestNet.input("x", [3, 4, 5]) + #"layer { name: "L" type: "Power" bottom: "x" top: "\#(top)" \#(parameter) }"#
    }

    private let x = TestValues.uniform(60, -1...1, kinks: [])

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

    @Test(arguments: ["power_p1", "power_p2"]) func agreesWithCaffe(name: String) throws {
        #expect(try GoldenLayerCheck(name).mismatches() == [])
    }
}
