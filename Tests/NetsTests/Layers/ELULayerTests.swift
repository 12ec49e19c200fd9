import Foundation
import TestSupport
import Testing

struct ELULayerTests {
    private static let check = FunctionLayerCheck(
        "ELU",
        [
            .init(parameter: "", value: { $0 > 0 ? $0 : exp($0) - 1 }, derivative: { $0 > 0 ? 1 : exp($0) }),
            .init(
                parameter: "elu_param { alpha: 0.3 }", value: { $0 > 0 ? $0 : 0.3 * (exp($0) - 1) },
                derivative: { $0 > 0 ? 1 : 0.3 * exp($0) }),
        ], on: -2...2, kinks: [0])

    @Test(arguments: check.indices, ["x", "y"])
    func isTheFunctionAndItsDerivative(index: Int, top: String) throws {
        #expect(try Self.check.mismatches(index, top: top) == [])
    }

    @Test(arguments: check.indices) func gradientAgreesWithDifferences(index: Int) throws {
        #expect(try Self.check.gradientMismatches(index) == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("elu").mismatches() == [])
    }

    @Test func refusesWhatMakesNoSense() throws {
        #expect(
            try TestNet.fault(Self.check.net("elu_param { alpha: -1 }"))
                == "layer L (ELU): has alpha -1.0; elu_param { alpha } must not be negative")
    }
}
