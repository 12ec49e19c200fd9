import Foundation
import TestSupport
import Testing

struct LogLayerTests {
    private static let check = FunctionLayerCheck(
        "Log",
        [
            .init(parameter: "", value: { log($0) }, derivative: { 1 / $0 }),
            .init(
                parameter: "log_param { base: 2 scale: 3 shift: 1 }", value: { log2(3 * $0 + 1) },
                derivative: { 3 / ((3 * $0 + 1) * log(2)) }),
        ], on: 0.5...2)

    @Test(arguments: check.indices, ["x", "y"])
    func isTheFunctionAndItsDerivative(index: Int, top: String) throws {
        #expect(try Self.check.mismatches(index, top: top) == [])
    }

    @Test(arguments: check.indices) func gradientAgreesWithDifferences(index: Int) throws {
        #expect(try Self.check.gradientMismatches(index) == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("log").mismatches() == [])
    }

    @Test func refusesWhatMakesNoSense() throws {
        #expect(
            try TestNet.fault(Self.check.net("log_param { base: 1 }"))
                == "layer L (Log): has base 1.0; log_param { base } must be positive and not 1, or -1 for e")
    }
}
