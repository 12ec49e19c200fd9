import Foundation
import TestSupport
import Testing

struct BNLLLayerTests {
    private static let check = FunctionLayerCheck(
        "BNLL",
        [
            .init(parameter: "", value: { log(1 + exp($0)) }, derivative: { 1 / (1 + exp(-$0)) })
        ], on: -5...5)

    @Test(arguments: check.indices, ["x", "y"])
    func isTheFunctionAndItsDerivative(index: Int, top: String) throws {
        #expect(try Self.check.mismatches(index, top: top) == [])
    }

    @Test(arguments: check.indices) func gradientAgreesWithDifferences(index: Int) throws {
        #expect(try Self.check.gradientMismatches(index) == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("bnll").mismatches() == [])
    }
}
