import CaffeProto
import Foundation
import Nets
import Tensors
import TestSupport
import Testing

struct NetWeightsTests {
    private func net(_ names: [String] = ["a", "b"], param: String = "") throws -> Net {
        let layers = names.map { name in
            """
            layer {
              name: "\(name)" type: "InnerProduct" bottom: "x" top: "\(name)" \(param)
              inner_product_param { num_output: 2 weight_filler { type: "gaussian" } bias_filler { value: 0.5 } }
            }

            """
        }
        let net = try TestNet.make(TestNet.input("x", [3, 4]) + layers.joined())
        net.parameters.fill(seed: 1)
        return net
    }

    private func layer(_ name: String, _ blobs: [(dims: [Int64], values: [Float])]) -> LayerParameter {
        var layer = LayerParameter()
        layer.name = name
        layer.type = "InnerProduct"
        layer.blobs = blobs.map { given in
            var blob = BlobProto()
            blob.shape.dim = given.dims
            blob.data = given.values
            return blob
        }
        return layer
    }

    private let weights: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    private let bias: [Float] = [9, 10]

    private func values(_ net: Net, _ layer: String) -> [[Float]] {
        net.step(named: layer)?.layer.parameters.map(\.blob.dataArray) ?? []
    }

    @Test func loadsByLayerName() throws {
        let net = try net(["a", "b", "c"])
        let before = values(net, "c")
        let report = try net.loadWeights(
            of: [
                layer("b", [([2, 4], weights), ([2], bias)]), layer("a", [([2, 4], weights.reversed()), ([2], bias)]),
                layer("old", [([1], [0])]), layer("x", []),
            ], from: "w.caffemodel")
        #expect(values(net, "a") == [weights.reversed(), bias])
        #expect(values(net, "b") == [weights, bias])
        #expect(values(net, "c") == before)
        #expect(report.loaded == ["b", "a"])
        #expect(report.missing == ["c"])
        #expect(report.ignored == ["old"])
        #expect(report.description == "2 layers loaded; not in the file: c; ignored: old")
    }

    @Test func acceptsTheFourAxesOfOldFiles() throws {
        let net = try net(["a"])
        try net.loadWeights(of: [layer("a", [([1, 1, 2, 4], weights), ([1, 1, 1, 2], bias)])], from: "w")
        #expect(values(net, "a") == [weights, bias])
    }

    @Test func layersThatShareWeightsAreNotMissing() throws {
        let net = try net(param: #"param { name: "w" } param { name: "b" }"#)
        let report = try net.loadWeights(of: [layer("b", [([2, 4], weights), ([2], bias)])], from: "w")
        #expect(report.missing == [])
        #expect(values(net, "a") == [weights, bias])
    }

    @Test func refusesWhatDoesNotFit() throws {
        let net = try net(["a"])
        func fault(_ blobs: [(dims: [Int64], values: [Float])]) -> String? {
            #expect(throws: NetError.self) {
                try net.loadWeights(of: [layer("a", blobs)], from: "w.caffemodel")
            }?.description
        }
        let advice = "; to train this layer from its filler, give it another name"
        #expect(
            fault([([2, 4], weights)])
                == "layer a (InnerProduct): has 2 weight blobs (2×4, 2), but in w.caffemodel the layer of this name has 1"
                + advice)
        #expect(
            fault([([4, 2], weights), ([2], bias)])
                == "layer a (InnerProduct): weights 0 have shape 2×4, but in w.caffemodel 4×2" + advice)
        #expect(
            fault([([-2, 4], weights), ([2], bias)])
                == "layer a (InnerProduct): weights 0 have shape 2×4, but in w.caffemodel -2×4" + advice)
        #expect(
            fault([([2, 4], weights), ([2], [9])])
                == "layer a (InnerProduct): weights 1 have 2 values, but w.caffemodel holds 1 for them: the file is "
                + "damaged")
    }

    @Test func writesLayersThatCanBeLoadedAgain() throws {
        let (net, other) = (try net(), try net())
        let shapes = net.parameters.parameters.map(\.shape)
        for (index, parameter) in net.parameters.parameters.enumerated() {
            parameter.blob.copyData(from: TestValues.uniform(parameter.shape.count, seed: 20 + UInt64(index)))
        }
        let path = try written(net)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let reader = try CaffeModelReader(path)
        let layers = try (0..<reader.layerCount).map { try reader.layer($0) }
        #expect(layers.map(\.name) == ["x", "x_x_0_split", "a", "b"])
        #expect(layers[2].blobs.map(\.shape.dim) == shapes.prefix(2).map { $0.dims.map(Int64.init) })
        #expect(layers[2].type == "InnerProduct" && layers[2].hasInnerProductParam)

        let report = try other.loadWeights(from: path)
        #expect(report.loaded == ["a", "b"] && report.missing == [] && report.ignored == [])
        #expect(values(other, "a") == values(net, "a"))
        #expect(values(other, "b") == values(net, "b"))
    }

    /// A reordered copy of a blob belongs to the engine and not to the file.
    @Test func leavesOutWhatTheEngineInserts() throws {
        let convolution = """
            layer { name: "c" type: "Convolution" bottom: "x" top: "y" convolution_param { num_output: 8 kernel_size: 1 } }
            layer { name: "s" type: "Softmax" bottom: "y" top: "z" }
            """
        let net = try TestNet.make(
            TestNet.input("x", [1, 8, 2, 2]) + convolution, NetContext(phase: .train, defaultEngine: .dnnl))
        #expect(net.steps.contains { $0.layer.type == "Reorder" })
        let path = try written(net)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let reader = try CaffeModelReader(path)
        #expect(try (0..<reader.layerCount).map { try reader.layer($0).name } == ["x", "c", "s"])
    }

    /// The net as a caffemodel in a scratch file.
    private func written(_ net: Net) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).caffemodel").path
        var bytes = Data()
        var header = NetParameter()
        header.name = net.name
        try withoutActuallyEscaping({ bytes.append($0) }) { append in
            try net.writeLayers(to: CaffeModelWriter(header, write: append))
        }
        try bytes.write(to: URL(fileURLWithPath: path))
        return path
    }
}
