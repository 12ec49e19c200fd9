import Nets
import Tensors
import TestSupport
import Testing

struct ScaleLayerTests {
    private let uniform = #"filler { type: "uniform" min: -1 max: 1 } bias_filler { type: "uniform" min: -1 max: 1 }"#

    private func net(_ parameter: String = "", top: String = "y") -> String {
        let layer = #"name: "L" type: "Scale" bottom: "x" top: "\#(top)""#
        return TestNet.input("x", [2, 3, 4]) + "layer { \(layer) scale_param { \(parameter) } }"
    }

    private func net(second shape: Shape, _ parameter: String = "") -> String {
        TestNet.input("x", [2, 3, 4]) + TestNet.input("s", shape)
            + #"layer { name: "L" type: "Scale" bottom: "x" bottom: "s" top: "y" scale_param { \#(parameter) } }"#
    }

    @Test(arguments: ["x", "y"]) func scalesAndAddsAlongTheAxes(top: String) throws {
        let net = try TestNet.make(net("axis: 1 num_axes: 2 bias_term: true \(uniform)", top: top))
        net.parameters.fill(seed: 2)
        let x = TestValues.uniform(24)
        net.input("x").copyData(from: x)
        try net.forward()
        let parameters = net.parameters.parameters.map(\.blob.dataArray)
        let expected = x.indices.map { x[$0] * parameters[0][$0 % 12] + parameters[1][$0 % 12] }
        #expect(Compare.mismatch("y", net.known(top).dataArray, expected) == nil)
    }

    @Test(arguments: ["", "bias_term: true", "axis: 0 num_axes: -1 bias_term: true", "num_axes: 0 bias_term: true"])
    func gradientAgreesWithDifferences(parameter: String) throws {
        #expect(try GradientChecker(net("\(parameter) \(uniform)")).mismatches() == [])
    }

    @Test(
        arguments: [([3], ""), ([3], "bias_term: true"), ([2, 3, 4], "axis: 0"), ([], "bias_term: true")]
            as [(Shape, String)])
    func secondBottomIsTheScale(shape: Shape, parameter: String) throws {
        #expect(try GradientChecker(net(second: shape, parameter)).mismatches() == [])
    }

    /// Gradients of bottom and parameters after two backward passes.
    private func gradients(top: String) throws -> [[Float]] {
        let net = try TestNet.make(net("bias_term: true \(uniform)", top: top), forceBackward: true)
        net.parameters.fill(seed: 2)
        for _ in 0..<2 {
            net.input("x").copyData(from: TestValues.uniform(24))
            try net.forward()
            net.known(top).copyDiff(from: TestValues.uniform(24, seed: 3))
            try net.backward()
        }
        return [net.input("x").diffArray] + net.parameters.parameters.map(\.blob.diffArray)
    }

    @Test func gradientInPlaceIsTheSame() throws {
        #expect(try gradients(top: "x") == gradients(top: "y"))
    }

    @Test func startsAtOneAndZero() throws {
        let net = try TestNet.make(net("bias_term: true"))
        net.parameters.fill(seed: 1)
        #expect(net.parameters.parameters.map(\.blob.dataArray) == [[1, 1, 1], [0, 0, 0]])
    }

    @Test(arguments: ["scale_bias", "scale_nobias"]) func agreesWithCaffe(name: String) throws {
        #expect(try GoldenLayerCheck(name).mismatches() == [])
    }

    @Test func refusesWhatDoesNotFit() throws {
        #expect(
            try TestNet.fault(net(second: [4]))
                == "layer L (Scale): its second bottom \"s\" is 4, but the axes of \"x\" from 1 on are 3")
    }
}
