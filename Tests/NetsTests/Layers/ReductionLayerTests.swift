import Nets
import Tensors
import TestSupport
import Testing

struct ReductionLayerTests {
    private func net(_ parameter: String) -> String {
        TestNet.input("x", [2, 3, 4])
            + #"layer { name: "L" type: "Reduction" bottom: "x" top: "y" reduction_param { \#(parameter) } }"#
    }

    private let x = TestValues.uniform(24, kinks: [0])

    @Test(arguments: ["SUM", "ASUM", "SUMSQ", "MEAN"], [0, 1, 2]) func reducesTheLastAxes(operation: String, axis: Int)
        throws
    {
        let net = try TestNet.make(net("operation: \(operation) axis: \(axis) coeff: 3"))
        net.input("x").copyData(from: x)
        try net.forward()
        let shape: Shape = [[], [2], [2, 3]][axis]
        let run = 24 / shape.count
        let expected = stride(from: 0, to: 24, by: run).map { start in
            3
                * x[start..<start + run].reduce(Float(0)) { sum, x in
                    switch operation {
                    case "SUM": sum + x
                    case "ASUM": sum + abs(x)
                    case "SUMSQ": sum + x * x
                    default: sum + x / Float(run)
                    }
                }
        }
        #expect(net.known("y").shape == shape)
        #expect(Compare.mismatch("y", net.known("y").dataArray, expected) == nil)
    }

    @Test(arguments: ["SUM", "ASUM", "SUMSQ", "MEAN"]) func gradientAgreesWithDifferences(operation: String) throws {
        let checker = try GradientChecker(net("operation: \(operation) axis: 1 coeff: 0.5"))
        checker.set("x", x)
        #expect(try checker.mismatches() == [])
    }

    @Test(arguments: ["reduction_sum_axis1", "reduction_mean"]) func agreesWithCaffe(name: String) throws {
        #expect(try GoldenLayerCheck(name).mismatches() == [])
    }

    @Test func refusesAnUnknownAxis() throws {
        #expect(
            try TestNet.fault(net("axis: 3"))
                == "layer L (Reduction): axis 3 does not exist in bottom \"x\" of shape 2×3×4")
    }
}
