import Foundation
import TestSupport
import Testing

struct PowerLayerTests {
    private static let check = FunctionLayerCheck(
        "Power",
        [
            .init(parameter: "", value: { $0 }, derivative: { 0 * $0 + 1 }),
            .init(parameter: "power_param { scale: -2 shift: 3 }", value: { 3 - 2 * $0 }, derivative: { 0 * $0 - 2 }),
            .init(
                parameter: "power_param { power: 2 scale: 0.5 shift: 1 }", value: { pow(1 + 0.5 * $0, 2) },
                derivative: { 1 + 0.5 * $0 }),
            .init(
                parameter: "power_param { power: -1.5 scale: 0.5 shift: 1 }", value: { pow(1 + 0.5 * $0, -1.5) },
                derivative: { -0.75 * pow(1 + 0.5 * $0, -2.5) }),
            .init(parameter: "power_param { power: 3 }", value: { $0 * $0 * $0 }, derivative: { 3 * $0 * $0 }),
            .init(parameter: "power_param { power: 0 }", value: { 0 * $0 + 1 }, derivative: { 0 * $0 }),
            .init(
                parameter: "power_param { power: 3 scale: 0 shift: 2 }", value: { 0 * $0 + 8 }, derivative: { 0 * $0 }),
        ], on: -1...1)

    @Test(arguments: check.indices, ["x", "y"])
    func isTheFunctionAndItsDerivative(index: Int, top: String) throws {
        #expect(try Self.check.mismatches(index, top: top) == [])
    }

    @Test(arguments: check.indices) func gradientAgreesWithDifferences(index: Int) throws {
        #expect(try Self.check.gradientMismatches(index) == [])
    }

    @Test(arguments: ["power_p1", "power_p2"]) func agreesWithCaffe(name: String) throws {
        #expect(try GoldenLayerCheck(name).mismatches() == [])
    }
}
