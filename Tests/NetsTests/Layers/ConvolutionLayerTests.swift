import Nets
import Tensors
import TestSupport
import Testing

/// Both engines: `ConvolutionLayer` and `DNNLConvolutionLayer`.
struct ConvolutionLayerTests {
    typealias Engine = NetContext.Engine

    /// conv_lrmult0 without its gradients: under force_backward Caffe computes even those of frozen parameters.
    private static let goldenCases = [
        "conv_basic", "conv_pad_stride", "conv_group2", "conv_nobias", "conv_k1", "conv_big11s4", "conv_relu_inplace",
        "conv_lrmult0",
    ]

    private static let parameters = [
        "num_output: 4 kernel_size: 3",
        "num_output: 6 kernel_h: 2 kernel_w: 3 stride_h: 1 stride_w: 2 pad_h: 1 pad_w: 0 group: 2",
        "num_output: 4 kernel_size: 3 kernel_size: 2 dilation: 2 pad: 1 bias_term: false",
    ]

    private func net(_ parameter: String, rest: String = "", shape: Shape = [2, 4, 5, 6]) -> String {
        let filler = #"weight_filler { type: "gaussian" std: 0.5 } bias_filler { type: "uniform" min: -1 max: 1 }"#
        let layer = #"name: "L" type: "Convolution" bottom: "x" top: "y""#
        return TestNet.input("x", shape) + "layer { \(layer) \(rest) convolution_param { \(parameter) \(filler) } }"
    }

    private func context(_ engine: Engine) -> NetContext { NetContext(phase: .train, defaultEngine: engine) }

    @Test(arguments: goldenCases, Engine.allCases)
    func agreesWithCaffe(name: String, engine: Engine) throws {
        #expect(try GoldenLayerCheck(name, engine: engine).mismatches() == [])
    }

    @Test(arguments: parameters, Engine.allCases)
    func gradientIsTheDerivative(parameter: String, engine: Engine) throws {
        #expect(try GradientChecker(net(parameter), context(engine)).mismatches() == [])
    }

    @Test(arguments: Engine.allCases)
    func forwardIsTheSumOverWindows(engine: Engine) throws {
        let parameter = "num_output: 6 kernel_size: 3 kernel_size: 2 stride: 2 pad: 2 pad: 1 dilation: 2 group: 2"
        let net = try TestNet.make(net(parameter), context(engine))
        net.parameters.fill(seed: 3)
        let x = TestValues.uniform(2 * 4 * 5 * 6)
        net.input("x").copyData(from: x)
        try net.forward()
        let (weights, bias) = (net.parameters.parameters[0].blob.dataArray, net.parameters.parameters[1].blob.dataArray)
        var expected: [Float] = []
        // Height: ⌊(5 + 4 − 5) / 2⌋ + 1 = 3; width: ⌊(6 + 2 − 3) / 2⌋ + 1 = 3.
        for n in 0..<2 {
            for o in 0..<6 {
                for i in 0..<3 {
                    for j in 0..<3 {
                        var sum = bias[o]
                        for c in 0..<2 {
                            for u in 0..<3 {
                                for v in 0..<2 {
                                    let (h, w) = (i * 2 + u * 2 - 2, j * 2 + v * 2 - 1)
                                    guard (0..<5).contains(h), (0..<6).contains(w) else { continue }
                                    let channel = o / 3 * 2 + c
                                    sum +=
                                        weights[((o * 2 + c) * 3 + u) * 2 + v] * x[((n * 4 + channel) * 5 + h) * 6 + w]
                                }
                            }
                        }
                        expected.append(sum)
                    }
                }
            }
        }
        #expect(net.known("y").shape == [2, 6, 3, 3])
        #expect(Compare.mismatch("y", net.known("y").plainData, expected) == nil)
    }

    /// Rounded factors in all passes, and rounded terms in the bias' gradient; CAFFE, the reference, rounds nothing.
    @Test(.enabled(if: Precision.bf16.isHere), arguments: Engine.allCases)
    func multipliesInBFloat16(engine: Engine) throws {
        let text = net("num_output: 32 kernel_size: 3 pad: 1", shape: [2, 16, 7, 6])
        let found = try RoundedLayer(text, engine: engine, .bf16)
        let expected = try RoundedLayer(text, engine: engine, .float32)
        #expect(found.mismatches(from: expected, tolerance: 1e-2) == [])
        #expect(found.differing(from: expected) == (engine == .dnnl ? ["y", "dx", "dw", "db"] : []))
    }

    @Test(arguments: Engine.allCases)
    func engineFieldDecides(engine: Engine) throws {
        let other: Engine = engine == .caffe ? .dnnl : .caffe
        let net = try TestNet.make(net("num_output: 1 kernel_size: 1 engine: \(engine.rawValue)"), context(other))
        let isDNNL = net.step(named: "L")?.layer is DNNLConvolutionLayer
        #expect(isDNNL == (engine == .dnnl))
    }

    @Test(arguments: Engine.allCases)
    func sharedWeightsAddTheirGradients(engine: Engine) throws {
        func tower(_ name: String) -> String {
            TestNet.input("x\(name)", [2, 3, 4, 4]) + """
                layer { name: "L\(name)" type: "Convolution" bottom: "x\(name)" top: "y\(name)" param { name: "w" }
                  convolution_param { num_output: 2 kernel_size: 3 weight_filler { type: "xavier" } } }

                """
        }
        let checker = try GradientChecker(tower("a") + tower("b"), context(engine))
        #expect(checker.net.parameters.parameters.map(\.name) == ["La[0]", "La[1]", "Lb[1]"])
        #expect(try checker.mismatches() == [])
    }

    @Test(arguments: Engine.allCases, [0, 1])
    func frozenParameterGetsNoGradient(engine: Engine, frozen: Int) throws {
        let specs = (0..<2).map { "param { lr_mult: \($0 == frozen ? 0 : 1) }" }.joined(separator: " ")
        let checker = try GradientChecker(net("num_output: 4 kernel_size: 3", rest: specs), context(engine))
        let parameters = checker.net.parameters.parameters
        parameters[frozen].blob.copyDiff(from: Array(repeating: 7, count: parameters[frozen].shape.count))
        // Settling, which clears what no layer wrote, comes after backward.
        try checker.net.forward()
        checker.net.known("y").setPlainDiff(TestValues.uniform(checker.net.known("y").count))
        try checker.net.backward()
        #expect(parameters[frozen].blob.diffArray.allSatisfy { $0 == 7 })
        #expect(parameters[1 - frozen].blob.diffArray.contains { $0 != 0 })
        #expect(try checker.mismatches() == [])
    }

    @Test(arguments: Engine.allCases)
    func countsMultiplyAdds(engine: Engine) throws {
        let net = try TestNet.make(net("num_output: 6 kernel_size: 3 pad: 1 group: 2"), context(engine))
        let step = try #require(net.step(named: "L"))
        #expect(step.layer.multiplyAdds(bottom: step.bottom, top: step.top) == 2 * 6 * 5 * 6 * 2 * 9)
    }

    @Test(
        arguments: [
            ("kernel_size: 3", "has num_output 0; convolution_param { num_output } must be 1 or more"),
            ("num_output: 4", "needs kernel_size, or kernel_h and kernel_w"),
            ("num_output: 4 kernel_h: 3", "has only one of kernel_h and kernel_w; give both"),
            (
                "num_output: 4 kernel_size: 3 kernel_w: 3",
                "has both kernel_size and kernel_h or kernel_w; give one or the other"
            ),
            ("num_output: 4 kernel_size: 3 stride: 0", "has stride 0×0, which must be at least 1"),
            (
                "num_output: 4 kernel_size: 3 pad: 1 pad: 2 pad: 3",
                "has 3 values of pad; give one, or height and width"
            ),
            (
                "num_output: 4 kernel_size: 3 group: 3",
                "has num_output 4 and group 3; num_output must be a multiple of group"
            ),
            (
                "num_output: 6 kernel_size: 3 group: 3",
                "has group 3, which does not divide the 4 channels of \"x\""
            ),
            (
                "num_output: 4 kernel_size: 3 axis: 2",
                "has axis 2; only axis 1 (N × C × H × W) is supported: leave it out"
            ),
            (
                "num_output: 4 kernel_size: 3 dilation: 3",
                "its kernel reaches over 7×7, but bottom \"x\" has only 5×6, padded by 0×0; use a smaller kernel or "
                    + "larger images"
            ),
        ], Engine.allCases)
    func refuses(fault: (parameter: String, message: String), engine: Engine) throws {
        #expect(try TestNet.fault(net(fault.parameter), context(engine)) == "layer L (Convolution): \(fault.message)")
    }

    @Test(arguments: Engine.allCases)
    func refusesWhatIsNoImage(engine: Engine) throws {
        #expect(
            try TestNet.fault(net("num_output: 4 kernel_size: 3", shape: [2, 4]), context(engine))
                == "layer L (Convolution): needs a bottom of N × C × H × W, but \"x\" is 2×4")
    }
}
