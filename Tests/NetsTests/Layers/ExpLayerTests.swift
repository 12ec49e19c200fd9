import Foundation
import TestSupport
import Testing

struct ExpLayerTests {
    private static let check = FunctionLayerCheck(
        "Exp",
        [
            .init(parameter: "", value: { exp($0) }, derivative: { exp($0) }),
            .init(
                parameter: "exp_param { base: 2 scale: 3 shift: -1 }", value: { pow(2, 3 * $0 - 1) },
                derivative: { 3 * log(2) * pow(2, 3 * $0 - 1) }),
        ], on: -1...1)

    @Test(arguments: check.indices, ["x", "y"])
    func isTheFunctionAndItsDerivative(index: Int, top: String) throws {
        #expect(try Self.check.mismatches(index, top: top) == [])
    }

    @Test(arguments: check.indices) func gradientAgreesWithDifferences(index: Int) throws {
        #expect(try Self.check.gradientMismatches(index) == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("exp").mismatches() == [])
    }

    @Test func refusesWhatMakesNoSense() throws {
        #expect(
            try TestNet.fault(Self.check.net("exp_param { base: -2 }"))
                == "layer L (Exp): has base -2.0; exp_param { base } must be positive and not 1, or -1 for e")
    }
}
