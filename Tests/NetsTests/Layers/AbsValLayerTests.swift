import TestSupport
import Testing

struct AbsValLayerTests {
    private static let check = FunctionLayerCheck(
        "AbsVal",
        [
            .init(parameter: "", value: { abs($0) }, derivative: { $0 > 0 ? 1 : -1 })
        ], on: -2...2, kinks: [0])

    @Test(arguments: check.indices, ["x", "y"])
    func isTheFunctionAndItsDerivative(index: Int, top: String) throws {
        #expect(try Self.check.mismatches(index, top: top) == [])
    }

    @Test(arguments: check.indices) func gradientAgreesWithDifferences(index: Int) throws {
        #expect(try Self.check.gradientMismatches(index) == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("absval").mismatches() == [])
    }
}
