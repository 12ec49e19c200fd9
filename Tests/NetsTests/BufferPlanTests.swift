import CaffeProto
import Nets
import Tensors
import TestSupport
import Testing

struct BufferPlanTests {
    private func convolution(_ name: String, _ bottom: String, _ top: String) -> String {
        """
        layer {
          name: "\(name)" type: "Convolution" bottom: "\(bottom)" top: "\(top)"
          convolution_param { num_output: 16 kernel_size: 3 pad: 1 weight_filler { type: "gaussian" std: 0.2 } }
        }

        """
    }

    /// A convolution, the layers that turn a into b, an inner product, and a loss.
    private func net(_ layers: String) -> String {
        TestNet.input("x", [4, 3, 6, 6]) + convolution("conv", "x", "a") + layers
            + """
            layer {
              name: "fc" type: "InnerProduct" bottom: "b" top: "y"
              inner_product_param { num_output: 5 weight_filler { type: "gaussian" std: 0.1 } }
            }
            layer {
              name: "loss" type: "Reduction" bottom: "y" top: "loss" reduction_param { operation: SUMSQ } loss_weight: 1
            }
            """
    }

    private func layer(_ type: String, _ rest: String = "", from bottom: String = "a", to top: String = "b") -> String {
        #"layer { name: "\#(type) of \#(bottom)" type: "\#(type)" bottom: "\#(bottom)" top: "\#(top)" \#(rest) }"#
            + "\n"
    }

    private func made(
        _ text: String, keepsBlobs: Bool, phase: NetContext.Phase = .train, engine: NetContext.Engine = .dnnl,
        sharing owner: Net? = nil
    ) throws -> Net {
        let definition = try Prototxt.read(NetParameter.self, text: text, name: "test")
        let context = NetContext(phase: phase, defaultEngine: engine, keepsBlobs: keepsBlobs)
        let net = try Net(definition, context: context, sharingWeightsOf: owner)
        if owner == nil { net.parameters.fill(seed: 3) }
        for blob in net.inputs { blob.copyData(from: TestValues.uniform(blob.count, 0.2...1)) }
        return net
    }

    /// The memory in which blobs lie that have none of their own.
    private func shared(_ net: Net) -> [FloatStorage] {
        var found: [FloatStorage] = []
        for blob in net.steps.flatMap(\.top) {
            for part in blob.hasDiff ? [.data, .diff] : [.data] as [Blob.Part] {
                let memory = blob.memory(of: part)
                if ObjectIdentifier(memory) != blob.identity(of: part), !found.contains(where: { $0 === memory }) {
                    found.append(memory)
                }
            }
        }
        return found
    }

    /// Loss and all gradients of two passes; what a pass leaves in shared memory is spoiled before the next.
    private func results(_ net: Net) throws -> [[Float]] {
        var results: [[Float]] = []
        for _ in 0..<2 {
            for storage in shared(net) { storage.fill(.nan) }
            net.parameters.clearGradients()
            results.append([try net.forward()])
            try net.backward()
            results += net.parameters.parameters.map(\.blob.diffArray)
        }
        return results
    }

    static let types = [
        ("AbsVal", ""), ("BNLL", ""), ("BatchNorm", ""), ("Bias", ""), ("Clip", "clip_param { min: -0.2 max: 0.2 }"),
        ("Convolution", "convolution_param { num_output: 4 kernel_size: 3 weight_filler { type: \"xavier\" } }"),
        ("Deconvolution", "convolution_param { num_output: 4 kernel_size: 3 weight_filler { type: \"xavier\" } }"),
        ("Dropout", ""), ("ELU", ""), ("Exp", ""), ("Flatten", ""),
        ("InnerProduct", "inner_product_param { num_output: 9 weight_filler { type: \"xavier\" } }"), ("LRN", ""),
        ("LRN", "lrn_param { norm_region: WITHIN_CHANNEL local_size: 3 }"), ("MVN", ""),
        ("Normalize", "norm_param { across_spatial: false }"), ("PReLU", ""),
        ("Pooling", "pooling_param { pool: MAX kernel_size: 2 stride: 2 }"),
        ("Pooling", "pooling_param { pool: AVE kernel_size: 2 stride: 2 }"), ("Power", "power_param { power: 2 }"),
        ("ReLU", ""), ("ReLU", "relu_param { negative_slope: 0.1 }"),
        ("Reshape", "reshape_param { shape { dim: 0 dim: -1 } }"),
        ("SPP", "spp_param { pyramid_height: 2 }"), ("Scale", ""), ("Sigmoid", ""), ("Softmax", ""), ("Swish", ""),
        ("TanH", ""), ("Tile", "tile_param { tiles: 2 }"),
    ]

    /// Each layer says rightly what it looks at again, and writes all of the gradient that it hands down.
    @Test(arguments: types, NetContext.Engine.allCases)
    func nobodyMissesWhatWasGivenUp(type: (name: String, parameter: String), engine: NetContext.Engine) throws {
        let texts = [
            net(layer(type.name, type.parameter)),
            // Behind and before blobs of the same size, which are keen on its memory.
            net(
                convolution("before", "a", "c") + layer(type.name, type.parameter, from: "c", to: "d")
                    + layer("Power", "power_param { shift: 1 }", from: "d")),
        ]
        for text in texts {
            let net = try made(text, keepsBlobs: false, engine: engine)
            #expect(!shared(net).isEmpty)
            #expect(try results(net) == results(made(text, keepsBlobs: true, engine: engine)))
        }
    }

    @Test(arguments: NetContext.Engine.allCases)
    func nobodyMissesWhatWasGivenUpInPlace(engine: NetContext.Engine) throws {
        for type in [
            "AbsVal", "BatchNorm", "Dropout", "ELU", "Exp", "PReLU", "ReLU", "Scale", "Sigmoid", "TanH",
        ] {
            let text = net(
                layer(type, to: "a") + convolution("between", "a", "c") + layer(type, from: "c", to: "c")
                    + layer("Power", from: "c"))
            #expect(
                try results(made(text, keepsBlobs: false, engine: engine))
                    == results(made(text, keepsBlobs: true, engine: engine)), "\(type)")
        }
    }

    /// Split, Concat, Slice, Eltwise, and a reader that hands nothing down.
    @Test(arguments: NetContext.Engine.allCases)
    func branchesMeetAgain(engine: NetContext.Engine) throws {
        let text = net(
            """
            layer { name: "slice" type: "Slice" bottom: "a" top: "c" top: "d" slice_param { slice_point: 8 } }
            layer { name: "join" type: "Concat" bottom: "d" bottom: "c" top: "e" }
            layer { name: "relu" type: "ReLU" bottom: "e" top: "f" }
            layer { name: "max" type: "Eltwise" bottom: "e" bottom: "f" top: "g" eltwise_param { operation: PROD } }
            layer { name: "half" type: "Power" bottom: "a" top: "h" power_param { scale: 0.5 } }
            layer { name: "sum" type: "Eltwise" bottom: "g" bottom: "h" top: "b" }
            layer { name: "look" type: "ArgMax" bottom: "h" top: "best" }
            layer { name: "silent" type: "Silence" bottom: "g" }
            """)
        let net = try made(text, keepsBlobs: false, engine: engine)
        #expect(try results(net) == results(made(text, keepsBlobs: true, engine: engine)))
    }

    /// Ten layers, and the memory of few: in forward alone each blob only waits for the next.
    @Test func aTestNetNeedsTwoBuffers() throws {
        var layers = ""
        for number in 0..<10 { layers += convolution("c\(number)", number == 0 ? "a" : "a\(number)", "a\(number + 1)") }
        let text = net(layers + layer("Power", from: "a10"))
        let net = try made(text, keepsBlobs: false, phase: .test)
        #expect(shared(net).count == 2)
        #expect(try net.forward() == made(text, keepsBlobs: true, phase: .test).forward())
        let owner = try made(text, keepsBlobs: false)
        let guest = try made(text, keepsBlobs: false, phase: .test, sharing: owner)
        #expect(shared(guest).allSatisfy { storage in shared(owner).contains { $0 === storage } })
    }

    @Test func whatComesFromOutsideStays() throws {
        let net = try made(net(layer("Power")), keepsBlobs: false)
        let buffers = shared(net)
        for blob in [net.input("x"), net.known("loss")] {
            #expect(!buffers.contains { $0 === blob.memory(of: .data) })
        }
        #expect(!buffers.contains { $0 === net.known("loss").memory(of: .diff) })
        #expect(net.known("loss").diffArray == [1])
    }
}
