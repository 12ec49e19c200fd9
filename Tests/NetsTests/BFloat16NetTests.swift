import CaffeProto
import Nets
import Tensors
import TestSupport
import Testing

/// Where blobs of bfloat16 numbers begin and end, and that layers which can't read them get others.
@Suite(.enabled(if: Precision.bf16.isHere))
struct BFloat16NetTests {
    /// Two convolutions with layers between, and an inner product.
    private static func net(_ between: String) -> String {
        func convolution(_ name: String, _ bottom: String) -> String {
            """
            layer {
              name: "\(name)" type: "Convolution" bottom: "\(bottom)" top: "\(name)"
              convolution_param { num_output: 16 kernel_size: 3 pad: 1 weight_filler { type: "gaussian" std: 0.1 } }
            }

            """
        }
        return TestNet.input("x", [2, 16, 8, 8]) + convolution("c1", "x") + between + convolution("c2", "b")
            + """
            layer {
              name: "fc" type: "InnerProduct" bottom: "c2" top: "y"
              inner_product_param { num_output: 5 weight_filler { type: "gaussian" std: 0.1 } }
            }
            layer { name: "loss" type: "Reduction" bottom: "y" top: "loss" loss_weight: 1 reduction_param { operation: SUMSQ } }
            """
    }

    private static func layer(_ type: String, _ rest: String = "", from bottom: String, to top: String) -> String {
        #"layer { name: "\#(type)" type: "\#(type)" bottom: "\#(bottom)" top: "\#(top)" \#(rest) }"# + "\n"
    }

    private static let pooling = layer("Pooling", "pooling_param { kernel_size: 2 stride: 2 }", from: "c1", to: "b")

    private static func made(_ between: String, _ precision: Precision, keepsBlobs: Bool = true) throws -> Net {
        let definition = try Prototxt.read(NetParameter.self, text: net(between), name: "test")
        let net = try Net(
            definition,
            context: NetContext(phase: .train, defaultEngine: .dnnl, precision: precision, keepsBlobs: keepsBlobs))
        net.parameters.fill(seed: 3)
        net.input("x").copyData(from: TestValues.uniform(2 * 16 * 64))
        return net
    }

    /// The loss, and all gradients of weights.
    private static func results(_ net: Net) throws -> (loss: Float, gradients: [Float]) {
        net.parameters.clearGradients()
        let loss = try net.forward()
        try net.backward()
        return (loss, net.parameters.parameters.flatMap(\.blob.diffArray))
    }

    @Test func blobsAreRoundedFromConvolutionToConvolution() throws {
        let lrn = Self.layer("LRN", from: "p", to: "b")
        let net = try Self.made(
            Self.pooling.replacing(#"top: "b""#, with: #"top: "p""#) + Self.layer("ReLU", from: "p", to: "p") + lrn,
            .bf16)
        let layouts = net.steps.map { "\($0.layer.type) \($0.top[0].layout)" }
        #expect(
            layouts == [
                "Input plain", "Reorder blocked 16 bf16", "Convolution blocked 16 bf16", "Pooling blocked 16 bf16",
                "ReLU blocked 16 bf16", "LRN blocked 16 bf16", "Convolution blocked 16 bf16", "Reorder plain",
                "InnerProduct plain", "Reduction plain",
            ])
    }

    /// Layers that work on floats get floats, in place too, and all gradients come through.
    ///
    /// Numbers that are rounded to the other side of a kink change gradients by some hundredths.
    @Test(
        arguments: [
            pooling, layer("TanH", from: "c1", to: "c1") + pooling, layer("TanH", from: "c1", to: "b"),
            layer("ReLU", "relu_param { negative_slope: 0.1 }", from: "c1", to: "b"),
            layer("Dropout", "dropout_param { dropout_ratio: 0.5 }", from: "c1", to: "b"),
            layer("LRN", from: "c1", to: "b"), layer("Sigmoid", from: "c1", to: "b"),
            pooling + layer("Silence", from: "x", to: "x").replacing(#"top: "x""#, with: ""),
            layer("Power", from: "c1", to: "q") + layer("Eltwise", #"bottom: "q""#, from: "c1", to: "b"),
        ])
    func agreesWithFloat32(between: String) throws {
        let (found, expected) = (
            try Self.results(try Self.made(between, .bf16)), try Self.results(try Self.made(between, .float32))
        )
        #expect(abs(found.loss - expected.loss) < 0.02 * expected.loss)
        #expect(Compare.mismatch("gradients", found.gradients, expected.gradients, tolerance: 0.1) == nil)
        #expect(Compare.mismatch("gradients", found.gradients, expected.gradients, tolerance: 1e-5) != nil)
    }

    /// Half the room between convolutions, and blobs that share memory compute the same.
    @Test func blobsShareMemory() throws {
        let (own, shared) = (
            try Self.made(Self.pooling, .bf16), try Self.made(Self.pooling, .bf16, keepsBlobs: false)
        )
        let (found, expected) = (try Self.results(shared), try Self.results(own))
        #expect(found.loss == expected.loss)
        #expect(found.gradients == expected.gradients)
        let c1 = try #require(shared.step(named: "c1")?.top[0])
        #expect(c1.storageCount == c1.count / 2)
        #expect(ObjectIdentifier(c1.memory(of: .diff)) != c1.identity(of: .diff), "has memory of its own")
    }
}
