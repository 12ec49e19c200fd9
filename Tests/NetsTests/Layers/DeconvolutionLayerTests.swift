import Nets
import Tensors
import TestSupport
import Testing

struct DeconvolutionLayerTests {
    private func net(_ parameter: String, shape: Shape = [2, 4, 3, 2]) -> String {
        let fillers = #"weight_filler { type: "gaussian" std: 0.5 } bias_filler { type: "uniform" min: -1 max: 1 }"#
        return TestNet.input("x", shape)
            + #"layer { name: "L" type: "Deconvolution" bottom: "x" top: "y" convolution_param { \#(parameter) \#(fillers) } }"#
    }

    @Test func addsTheKernelForEachNumber() throws {
        let net = try TestNet.make(net("num_output: 6 kernel_h: 3 kernel_w: 2 stride: 2 pad_h: 1 pad_w: 0 group: 2"))
        net.parameters.fill(seed: 2)
        let x = TestValues.uniform(48)
        net.input("x").copyData(from: x)
        try net.forward()
        let (weights, bias) = (net.parameters.parameters[0].blob.dataArray, net.parameters.parameters[1].blob.dataArray)
        #expect(net.known("y").shape == [2, 6, 5, 4])
        var y = (0..<240).map { bias[$0 / 20 % 6] }
        for (index, value) in x.enumerated() {
            let (n, c, i, j) = (index / 24, index / 6 % 4, index / 2 % 3, index % 2)
            for tap in 0..<18 {
                let (o, u, v) = (c / 2 * 3 + tap / 6, i * 2 + tap / 2 % 3 - 1, j * 2 + tap % 2)
                guard 0..<5 ~= u else { continue }
                y[((n * 6 + o) * 5 + u) * 4 + v] += value * weights[c * 18 + tap]
            }
        }
        #expect(Compare.mismatch("y", net.known("y").dataArray, y) == nil)
    }

    @Test(arguments: [
        "num_output: 6 kernel_size: 3 stride: 2 pad: 1 group: 2", "num_output: 3 kernel_size: 1",
        "num_output: 2 kernel_size: 2 dilation: 2 bias_term: false",
    ])
    func gradientAgreesWithDifferences(parameter: String) throws {
        #expect(try GradientChecker(net(parameter)).mismatches() == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("deconv_group2").mismatches() == [])
    }

    @Test(arguments: [
        ("num_output: 6 kernel_size: 3 group: 3", "has group 3, which does not divide the 4 channels of \"x\""),
        (
            "num_output: 1 kernel_size: 1 pad: 2",
            "its pad 2×2 leaves nothing of the top of bottom \"x\" (2×4×3×2); use a smaller pad"
        ),
    ])
    func refuses(parameter: String, message: String) throws {
        #expect(try TestNet.fault(net(parameter)) == "layer L (Deconvolution): \(message)")
    }
}
