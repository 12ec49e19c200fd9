import CaffeProto
import Foundation
import Nets
import Tensors
import TestSupport
import Testing

struct RectifierPlanTests {
    private func layer(_ name: String, _ type: String, _ bottom: String, _ top: String, _ rest: String = "") -> String {
        #"layer { name: "\#(name)" type: "\#(type)" bottom: "\#(bottom)" top: "\#(top)" \#(rest) }"# + "\n"
    }

    private let input = TestNet.input("x", [2, 3, 9, 9])
    private let max3 = "pooling_param { pool: MAX kernel_size: 3 stride: 2 }"

    private func convolution(_ name: String, _ bottom: String, _ top: String) -> String {
        layer(
            name, "Convolution", bottom, top,
            """
            convolution_param {
              num_output: 16 kernel_size: 3 pad: 1 weight_filler { type: "gaussian" std: 0.2 }
              bias_filler { type: "uniform" min: -0.5 max: 0.5 }
            }
            """)
    }

    /// What follows y: a loss over it.
    private let loss = """
        layer { name: "sum" type: "Reduction" bottom: "y" top: "sum" reduction_param { operation: SUMSQ } loss_weight: 1 }
        """

    private func net(
        _ text: String, keepsBlobs: Bool, engine: NetContext.Engine = .dnnl, phase: NetContext.Phase = .train
    ) throws -> Net {
        let net = try TestNet.make(text, NetContext(phase: phase, defaultEngine: engine, keepsBlobs: keepsBlobs))
        net.parameters.fill(seed: 3)
        for blob in net.inputs { blob.copyData(from: TestValues.uniform(blob.count)) }
        return net
    }

    private func notes(_ text: String, engine: NetContext.Engine = .dnnl) throws -> [String] {
        try net(text, keepsBlobs: false, engine: engine).steps.filter { $0.layer.type == "ReLU" }.map(\.note)
    }

    /// Loss and all gradients of two passes.
    private func results(_ net: Net) throws -> [[Float]] {
        var results: [[Float]] = []
        for _ in 0..<2 {
            net.parameters.clearGradients()
            results.append([try net.forward()])
            try net.backward()
            results += net.parameters.parameters.map(\.blob.diffArray)
        }
        return results
    }

    /// Convolution, ReLU, pooling, and a second convolution with a ReLU that stays with it.
    private func tower(_ relu: String = "") -> String {
        input + convolution("conv1", "x", "a") + layer("relu1", "ReLU", "a", "a", relu)
            + layer("pool1", "Pooling", "a", "p", max3) + convolution("conv2", "p", "y")
            + layer("relu2", "ReLU", "y", "y", relu) + loss
    }

    @Test(arguments: ["", "relu_param { negative_slope: 0.25 }"])
    func theNetComputesTheSame(relu: String) throws {
        let text = tower(relu)
        #expect(try results(net(text, keepsBlobs: false)) == results(net(text, keepsBlobs: true)))
        #expect(try notes(text) == ["after pool1", relu.isEmpty ? "in conv2" : ""])
    }

    @Test func stepsRunInTheNewOrder() throws {
        let names = try net(tower(), keepsBlobs: false).steps.map(\.layer.name)
        let pooling = try #require(names.firstIndex(of: "pool1"))
        #expect(names[pooling + 1] == "relu1")
        #expect(try net(tower(), keepsBlobs: true).steps.allSatisfy { $0.note.isEmpty })
    }

    /// A pooled blob that is read twice: its rectifier comes before the Split.
    @Test func severalReadersOfTheMaximaSeeThemRectified() throws {
        let text =
            input + convolution("conv1", "x", "a") + layer("relu1", "ReLU", "a", "a")
            + layer("pool1", "Pooling", "a", "p", max3) + convolution("conv2", "p", "y")
            + convolution("conv3", "p", "z") + loss
            + loss.replacing("\"sum\"", with: "\"sum_z\"").replacing("\"y\"", with: "\"z\"")
        #expect(try notes(text) == ["after pool1"])
        #expect(try results(net(text, keepsBlobs: false)) == results(net(text, keepsBlobs: true)))
    }

    @Test func rectifiersStayWhereSomebodyElseReads() throws {
        let start = input + layer("first", "Power", "x", "a")
        let relu = layer("relu", "ReLU", "a", "a")
        let pool = layer("pool", "Pooling", "a", "y", max3)
        #expect(try notes(start + relu + pool + loss) == ["after pool"], "to compare with")
        let other = #"layer { name: "other" type: "Silence" bottom: "a" }"#
        #expect(try notes(start + relu + pool + other + loss) == [""])
        #expect(try notes(start + relu + pool.replacing("MAX", with: "AVE") + loss) == [""])
        let pool2 = layer("pool", "Pooling", "b", "y", max3)
        #expect(try notes(start + layer("relu", "ReLU", "a", "b") + pool2 + loss) == [""])
        #expect(try notes(start + relu + layer("drop", "Dropout", "a", "a") + pool + loss) == [""])
        #expect(try notes(start + layer("relu", "ReLU", "a", "a", "loss_weight: 1") + pool + loss) == [""])
        #expect(try notes(start + relu + pool + loss, engine: .caffe) == [""])
    }

    /// The loss would count maxima that are not rectified yet.
    @Test func aPoolingThatCountsInTheLossComesLast() throws {
        let text = input + convolution("conv", "x", "a") + layer("relu", "ReLU", "a", "a")
        #expect(try notes(text + layer("pool", "Pooling", "a", "y", max3 + " loss_weight: 1")) == ["in conv"])
    }

    @Test func forceBackwardKeepsAll() throws {
        #expect(try notes("force_backward: true\n" + tower()) == ["", ""])
    }

    /// Files have the definition's order, in which other programs may run them.
    @Test func caffemodelsKeepTheOrder() throws {
        let models = try [true, false].map { keepsBlobs in
            let net = try net(tower(), keepsBlobs: keepsBlobs)
            var bytes = Data()
            try withoutActuallyEscaping({ bytes.append($0) }) { append in
                try net.writeLayers(to: CaffeModelWriter(NetParameter(), write: append))
            }
            return bytes
        }
        #expect(models[0] == models[1])
    }
}
