import Foundation
import Nets
import TestSupport
import Testing

struct LogLayerTests {
    /// What `log_param` says, the function of x that it makes, and its derivative.
    struct Case: Sendable {
        let parameter: String
        let value: @Sendable (Double) -> Double
        let derivative: @Sendable (Double) -> Double
    }

    static let cases = [
        Case(parameter: "", value: { log($0) }, derivative: { 1 / $0 }),
        Case(
            parameter: "log_param { base: 2 scale: 3 shift: 1 }", value: { log2(3 * $0 + 1) },
            derivative: { 3 / ((3 * $0 + 1) * log(2)) }),
    ]

    private func net(_ parameter: String, top: String = "y") -> String {
        TestNet.input("x", [3, 4, 5]) + #"layer { name: "L" type: "Log" bottom: "x" top: "\#(top)" \#(parameter) }"#
    }

    private let x = TestValues.uniform(60, 0.5...2, kinks: [])

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

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("log").mismatches() == [])
    }

    @Test func refusesWhatMakesNoSense() throws {
        #expect(
            try TestNet.fault(net("log_param { base: 1 }"))
                == "layer L (Log): has base 1.0; log_param { base } must be positive and not 1, or -1 for e")
    }
}
