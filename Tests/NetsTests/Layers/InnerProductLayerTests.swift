import Nets
import Tensors
import TestSupport
import Testing

struct InnerProductLayerTests {
    typealias Engine = NetContext.Engine

    private func net(_ parameter: String, rest: String = "", shape: Shape = [3, 2, 4]) -> String {
        let filler = #"weight_filler { type: "gaussian" std: 0.5 } bias_filler { type: "uniform" min: -1 max: 1 }"#
        let layer = #"name: "L" type: "InnerProduct" bottom: "x" top: "y""#
        return TestNet.input("x", shape) + "layer { \(layer) \(rest) inner_product_param { \(parameter) \(filler) } }"
    }

    private func context(_ engine: Engine) -> NetContext { NetContext(phase: .train, defaultEngine: engine) }

    @Test(arguments: ["ip_4d", "ip_nobias", "ip_transpose"], Engine.allCases)
    func agreesWithCaffe(name: String, engine: Engine) throws {
        #expect(try GoldenLayerCheck(name, engine: engine).mismatches() == [])
    }

    @Test(
        arguments: [
            "num_output: 5", "num_output: 5 axis: 2 transpose: true", "num_output: 5 axis: -1 bias_term: false",
        ], Engine.allCases)
    func gradientIsTheDerivative(parameter: String, engine: Engine) throws {
        #expect(try GradientChecker(net(parameter), context(engine)).mismatches() == [])
    }

    @Test(arguments: [false, true], Engine.allCases)
    func forwardIsTheProduct(isTransposed: Bool, engine: Engine) throws {
        let net = try TestNet.make(net("num_output: 5 transpose: \(isTransposed)"), context(engine))
        net.parameters.fill(seed: 3)
        let x = TestValues.uniform(3 * 8)
        net.input("x").copyData(from: x)
        try net.forward()
        let (weights, bias) = (net.parameters.parameters[0].blob.dataArray, net.parameters.parameters[1].blob.dataArray)
        var expected: [Float] = []
        for n in 0..<3 {
            for o in 0..<5 {
                expected.append(
                    (0..<8).reduce(bias[o]) { sum, i in
                        sum + x[n * 8 + i] * weights[isTransposed ? i * 5 + o : o * 8 + i]
                    })
            }
        }
        #expect(net.known("y").shape == [3, 5])
        #expect(Compare.mismatch("y", net.known("y").dataArray, expected) == nil)
    }

    /// Rounded factors in all three products; CAFFE, the reference, rounds nothing.
    @Test(.enabled(if: Precision.bf16.isHere), arguments: [false, true], Engine.allCases)
    func multipliesInBFloat16(isTransposed: Bool, engine: Engine) throws {
        let text = net("num_output: 5 transpose: \(isTransposed)")
        let found = try RoundedLayer(text, engine: engine, .bf16)
        let expected = try RoundedLayer(text, engine: engine, .float32)
        #expect(found.mismatches(from: expected, tolerance: 1e-2) == [])
        #expect(found.differing(from: expected) == (engine == .dnnl ? ["y", "dx", "dw"] : []))
    }

    @Test(arguments: [0, 1])
    func frozenParameterGetsNoGradient(frozen: Int) throws {
        let specs = (0..<2).map { "param { lr_mult: \($0 == frozen ? 0 : 1) }" }.joined(separator: " ")
        let net = try TestNet.make(net("num_output: 5", rest: specs), forceBackward: true)
        let parameters = net.parameters.parameters
        parameters[frozen].blob.copyDiff(from: Array(repeating: 7, count: parameters[frozen].shape.count))
        net.input("x").copyData(from: TestValues.uniform(24))
        try net.forward()
        net.known("y").copyDiff(from: TestValues.uniform(15))
        try net.backward()
        #expect(parameters[frozen].blob.diffArray.allSatisfy { $0 == 7 })
        #expect(parameters[1 - frozen].blob.diffArray.contains { $0 != 0 })
    }

    @Test func countsMultiplyAdds() throws {
        let step = try #require(try TestNet.make(net("num_output: 5")).step(named: "L"))
        #expect(step.layer.multiplyAdds(bottom: step.bottom, top: step.top) == 3 * 8 * 5)
    }

    @Test(
        arguments: [
            ("", "has num_output 0; inner_product_param { num_output } must be 1 or more"),
            ("num_output: 5 axis: 3", "axis 3 does not exist in bottom \"x\" of shape 3×2×4"),
        ])
    func refuses(parameter: String, message: String) throws {
        #expect(try TestNet.fault(net(parameter)) == "layer L (InnerProduct): \(message)")
    }
}
