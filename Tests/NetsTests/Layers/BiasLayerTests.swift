import Nets
import Tensors
import TestSupport
import Testing

struct BiasLayerTests {
    private let uniform = #"filler { type: "uniform" min: -1 max: 1 }"#

    private func net(_ parameter: String = "", top: String = "y") -> String {
        TestNet.input("x", [2, 3, 4])
            + #"layer { name: "L" type: "Bias" bottom: "x" top: "\#(top)" bias_param { \#(parameter) \#(uniform) } }"#
    }

    private func net(second shape: Shape, _ parameter: String = "") -> String {
        TestNet.input("x", [2, 3, 4]) + TestNet.input("b", shape)
            + #"layer { name: "L" type: "Bias" bottom: "x" bottom: "b" top: "y" bias_param { \#(parameter) } }"#
    }

    /// The shape of the bias, and which of its numbers belongs to each of x.
    static let cases: [(parameter: String, shape: Shape, index: @Sendable (Int) -> Int)] = [
        ("", [3], { $0 / 4 % 3 }), ("num_axes: -1", [3, 4], { $0 % 12 }), ("axis: 0", [2], { $0 / 12 }),
        ("axis: -1", [4], { $0 % 4 }), ("num_axes: 0", [], { _ in 0 }),
    ]

    @Test(arguments: cases.indices, ["x", "y"])
    func addsAlongTheAxes(index: Int, top: String) throws {
        let expected = Self.cases[index]
        let net = try TestNet.make(net(expected.parameter, top: top))
        net.parameters.fill(seed: 2)
        let x = TestValues.uniform(24)
        net.input("x").copyData(from: x)
        try net.forward()
        let bias = net.parameters.parameters[0].blob
        #expect(bias.shape == expected.shape)
        #expect(net.known(top).dataArray == x.indices.map { x[$0] + bias.dataArray[expected.index($0)] })
    }

    @Test(arguments: cases.indices) func gradientAgreesWithDifferences(index: Int) throws {
        #expect(try GradientChecker(net(Self.cases[index].parameter)).mismatches() == [])
    }

    @Test(arguments: [[3], [3, 4], []] as [Shape]) func secondBottomIsTheBias(shape: Shape) throws {
        #expect(try GradientChecker(net(second: shape)).mismatches() == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("bias").mismatches() == [])
    }

    @Test func refusesWhatDoesNotFit() throws {
        #expect(
            try TestNet.fault(net("axis: 2 num_axes: 2"))
                == "layer L (Bias): num_axes 2 from axis 2 on does not fit bottom \"x\" of shape 2×3×4")
        #expect(
            try TestNet.fault(net(second: [4]))
                == "layer L (Bias): its second bottom \"b\" is 4, but the axes of \"x\" from 1 on are 3")
    }
}
