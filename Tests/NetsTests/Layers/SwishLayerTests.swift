import Foundation
import TestSupport
import Testing

struct SwishLayerTests {
    private static let check = FunctionLayerCheck(
        "Swish",
        [
            .init(
                parameter: "", value: { $0 / (1 + exp(-$0)) },
                derivative: { (1 + exp(-$0) + $0 * exp(-$0)) / pow(1 + exp(-$0), 2) }),
            .init(
                parameter: "swish_param { beta: 2 }", value: { $0 / (1 + exp(-2 * $0)) },
                derivative: { (1 + exp(-2 * $0) + 2 * $0 * exp(-2 * $0)) / pow(1 + exp(-2 * $0), 2) }),
        ], on: -3...3)

    @Test(arguments: check.indices, ["x", "y"])
    func isTheFunctionAndItsDerivative(index: Int, top: String) throws {
        #expect(try Self.check.mismatches(index, top: top) == [])
    }

    @Test(arguments: check.indices) func gradientAgreesWithDifferences(index: Int) throws {
        #expect(try Self.check.gradientMismatches(index) == [])
    }
}
