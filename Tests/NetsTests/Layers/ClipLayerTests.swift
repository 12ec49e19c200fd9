import TestSupport
import Testing

struct ClipLayerTests {
    private static let check = FunctionLayerCheck(
        "Clip",
        [
            .init(
                parameter: "clip_param { min: -0.5 max: 1 }", value: { min(max($0, -0.5), 1) },
                derivative: { $0 > -0.5 && $0 < 1 ? 1 : 0 })
        ], on: -2...2, kinks: [-0.5, 1])

    @Test(arguments: check.indices, ["x", "y"])
    func isTheFunctionAndItsDerivative(index: Int, top: String) throws {
        #expect(try Self.check.mismatches(index, top: top) == [])
    }

    @Test(arguments: check.indices) func gradientAgreesWithDifferences(index: Int) throws {
        #expect(try Self.check.gradientMismatches(index) == [])
    }

    @Test func refusesWhatMakesNoSense() throws {
        #expect(
            try TestNet.fault(Self.check.net("clip_param { min: 2 max: 1 }"))
                == "layer L (Clip): needs clip_param { min: … max: … } with min not above max, found min 2.0 and max 1.0"
        )
    }
}
