import CaffeProto
import Foundation
import Nets
import Tensors
import TestSupport
import Testing

/// The first iteration of nets that the original Caffe trained: every activation, the loss, every gradient.
struct GoldenNetTests {
    static let nets = ["net_contrastive", "net_contrastive_raw", "net_shared", "net_softmax"]

    @Test(arguments: nets, NetContext.Engine.allCases)
    func forwardAgreesWithCaffe(name: String, engine: NetContext.Engine) throws {
        let golden = try GoldenNet(name, engine: engine)
        var found: [String?] = []
        for step in golden.net.steps {
            try step.layer.forward(bottom: step.bottom, top: step.top)
            for top in step.top {
                guard let expected = try golden.activation(of: step.layer.name, top.name) else { continue }
                found.append(Compare.mismatch("\(step.layer.name) \(top.name)", top.plainData, expected))
            }
        }
        #expect(found.count >= 7)
        #expect(found.compactMap { $0 } == [])
        let loss = try #require(try golden.activation(of: "loss", "loss"))
        #expect(Compare.mismatch("loss", [try golden.net.forward()], loss) == nil)
    }

    @Test(arguments: nets, NetContext.Engine.allCases)
    func gradientsAgreeWithCaffe(name: String, engine: NetContext.Engine) throws {
        let golden = try GoldenNet(name, engine: engine)
        try golden.net.forward()
        try golden.net.backward()
        var found: [String?] = []
        for parameter in golden.net.parameters.parameters {
            let expected = try golden.array("param_grad/\(parameter.layerName).\(parameter.index).npy")
            found.append(Compare.mismatch(parameter.name, parameter.blob.diffArray, expected, tolerance: 1e-4))
        }
        #expect(found.count >= 14)
        // Blobs have the names of the layers that make them; where in-place layers follow, theirs is the gradient asked for.
        for name in try golden.blobGradients() {
            let blob = try #require(golden.net.step(named: name)?.top[0])
            let expected = try golden.array("blob_grad/\(name).npy")
            found.append(Compare.mismatch("diff of \(name)", blob.plainDiff, expected, tolerance: 1e-4))
        }
        #expect(found.compactMap { $0 } == [])
    }

    /// The caffemodels of the original load whole: nothing is missing and nothing is left over.
    @Test(arguments: nets)
    func caffemodelFits(name: String) throws {
        let net = try GoldenNet.make(name, engine: .caffe)
        let report = try net.loadWeights(from: Golden.path("\(name)/init.caffemodel"))
        #expect(report.missing == [])
        #expect(report.ignored == [])
        #expect(report.loaded.count == (name == "net_softmax" ? 15 : 14))
    }
}

/// A net of `Tests/Golden` with its first weights and its first batch.
private struct GoldenNet {
    let net: Net
    private let folder: String
    private let files: [String]

    init(_ name: String, engine: NetContext.Engine) throws {
        folder = "\(name)/iter0"
        files = try FileManager.default.contentsOfDirectory(atPath: Golden.path("\(folder)/fwd"))
        net = try Self.make(name, engine: engine)
        try net.loadWeights(from: Golden.path("\(name)/init.caffemodel"))
        // One batch serves all nets; only the raw one takes pixels of 0 … 255 instead of 0 … 1.
        let scale: Float = name == "net_contrastive_raw" ? 256 : 1
        for (layer, file) in [("data", "00_data_data"), ("data_p", "01_data_p_data_p")] {
            let pixels = try Golden.array("net_contrastive/iter0/fwd/\(file).npy").values
            let step = try #require(net.step(named: layer))
            step.top[0].copyData(from: pixels.map { scale * $0 })
            step.top[1].copyData(from: try Golden.array("net_contrastive/iter0/fwd/00_data_label.npy").values)
        }
    }

    static func make(_ name: String, engine: NetContext.Engine) throws -> Net {
        let definition = try NetDefinition.read(file: Golden.path("\(name)/train_val.prototxt"))
        let state = NetFilter.state(.train, net: definition.net.state, solver: nil)
        let context = NetContext(phase: .train, defaultEngine: engine, globalBatch: 8)
        return try Net(definition.filtered(for: state).net, context: context)
    }

    func array(_ file: String) throws -> [Float] { try Golden.array("\(folder)/\(file)").values }

    /// The top of a layer right after it ran ("03_relu1_conv1.npy"); nil where it is not among the files.
    func activation(of layer: String, _ top: String) throws -> [Float]? {
        guard let file = files.first(where: { $0.dropFirst(2) == "_\(layer)_\(top).npy" }) else { return nil }
        return try array("fwd/\(file)")
    }

    func blobGradients() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: Golden.path("\(folder)/blob_grad")).sorted()
            .map { String($0.dropLast(4)) }
    }
}
