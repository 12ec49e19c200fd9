import Nets
import Tensors
import TestSupport
import Testing

struct LayerFillerTests {
    private func net(_ filler: String) -> String {
        TestNet.input("x", [1, 3])
            + #"layer { name: "L" type: "InnerProduct" bottom: "x" top: "y" "#
            + "inner_product_param { num_output: 2 weight_filler { \(filler) } } }"
    }

    @Test(
        arguments: [
            ("", .constant(0)),
            (#"type: "constant" value: 2"#, .constant(2)),
            (#"type: "uniform" min: -1 max: 3"#, .uniform(min: -1, max: 3)),
            (#"type: "gaussian" mean: 1 std: 0.5"#, .gaussian(mean: 1, std: 0.5, sparse: nil)),
            (#"type: "gaussian" sparse: 4"#, .gaussian(mean: 0, std: 1, sparse: 4)),
            (#"type: "xavier""#, .xavier(.fanIn)),
            (#"type: "msra" variance_norm: FAN_OUT"#, .msra(.fanOut)),
            (#"type: "xavier" variance_norm: AVERAGE"#, .xavier(.average)),
            (#"type: "positive_unitball""#, .positiveUnitBall),
            (#"type: "bilinear""#, .bilinear),
        ] as [(String, Filler)])
    func readsCaffesFillers(text: String, filler: Filler) throws {
        #expect(try TestNet.make(net(text)).parameters.parameters[0].filler == filler)
    }

    @Test func positiveUnitBallSumsToOne() throws {
        let net = try TestNet.make(net(#"type: "positive_unitball""#))
        net.parameters.fill(seed: 1)
        let weights = net.parameters.parameters[0].blob.dataArray
        #expect(weights.allSatisfy { $0 >= 0 })
        for output in 0..<2 { #expect(abs(weights[output * 3..<output * 3 + 3].reduce(0, +) - 1) < 1e-6) }
    }

    /// Kernels of 2 and 4, as they double an image, and of 3.
    @Test(
        arguments: [
            (2, [0.5, 0.5]), (3, [0.5, 1, 0.5]), (4, [0.25, 0.75, 0.75, 0.25]),
        ] as [(Int, [Float])])
    func bilinearIsAPyramid(kernel: Int, slope: [Float]) throws {
        let layer = """
            layer {
              name: "L" type: "Deconvolution" bottom: "x" top: "y"
              convolution_param { num_output: 2 group: 2 kernel_size: \(kernel) weight_filler { type: "bilinear" } }
            }
            """
        let net = try TestNet.make(TestNet.input("x", [1, 2, 3, 3]) + layer)
        net.parameters.fill(seed: 1)
        let pyramid = slope.flatMap { row in slope.map { row * $0 } }
        #expect(net.parameters.parameters[0].blob.dataArray == pyramid + pyramid)
    }

    @Test(
        arguments: [
            (
                #"type: "gausian""#,
                #"unknown type "gausian"; did you mean "gaussian"? "#
                    + "(known types: constant, uniform, gaussian, xavier, msra, positive_unitball, bilinear)"
            )
        ])
    func refusesUnknownTypes(text: String, message: String) throws {
        #expect(try TestNet.fault(net(text)) == "layer L (InnerProduct): weight_filler: \(message)")
    }

    @Test(
        arguments: [
            (#"type: "uniform" min: 2 max: 1"#, "has min 2.0 above max 1.0"),
            (#"type: "gaussian" std: -1"#, "has std -1.0, which must not be negative"),
            (
                #"type: "gaussian" sparse: -2"#,
                "has sparse -2; give how many weights of an output are not zero, or -1 for all"
            ),
        ])
    func refusesSenselessValues(text: String, message: String) throws {
        #expect(try TestNet.fault(net(text)) == "layer L (InnerProduct): weight_filler \(message)")
    }
}
