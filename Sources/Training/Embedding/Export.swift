package import CaffeProto
import Foundation
package import Nets
import Tensors

/// A trained tower, or both with their head, for programs that don't train: as Caffe's deploy files or as an ONNX model.
package struct Export {
    /// What is exported.
    package enum Part: String, Sendable, CaseIterable {
        /// One tower, from its images to its embedding.
        case a, b
        /// Both towers, to both embeddings or to the probability.
        case pair
    }

    /// The net that is exported, with Input layers for one sample.
    package let definition: NetParameter
    /// How the images of each input are prepared.
    package let preparations: [PixelPreparation]
    private let phase: PhaseNet
    private let weights: [String]
    private let map: SuffixRule?
    private let log: TrainingLog

    /// Reads the net that was trained.
    ///
    /// - Throws: what is wrong with the definition, or with the first image where only that knows its size.
    package init(
        model: String, part: Part, blob: String? = nil, weights: [String], map: SuffixRule? = nil, log: TrainingLog
    ) throws {
        phase = try PhaseNet.load(model, phase: .test)
        for note in phase.notes { log.warn(note) }
        let deploy = try phase.deployed()
        let shapes = try Self.imageShapes(of: phase)
        func image(_ half: TowerSplit.Half) -> Shape { shapes[deploy.dataLayer(of: half).name] ?? [] }
        switch part {
        case .a, .b:
            let half: TowerSplit.Half = part == .a ? .a : .b
            definition = try deploy.tower(half, to: blob, input: .images(image(half)))
            preparations = [PixelPreparation(deploy.dataLayer(of: half), image: image(half))]
        case .pair:
            definition = deploy.pair(a: .images(image(.a)), b: .images(image(.b)))
            preparations = TowerSplit.Half.allCases.map {
                PixelPreparation(deploy.dataLayer(of: $0), image: image($0))
            }
        }
        (self.weights, self.map, self.log) = (weights, map, log)
    }

    /// C × H × W of each data layer, by name.
    private static func imageShapes(of phase: PhaseNet) throws -> [String: Shape] {
        var only = phase.net
        only.layer = phase.dataLayers
        let net = try phase.replacing(only).netWithoutData(engine: .caffe, rank: 0, worldSize: 1)
        return Dictionary(
            uniqueKeysWithValues: net.steps.map { ($0.layer.name, Shape(Array($0.top[0].shape.dims.dropFirst()))) })
    }

    /// A net set up from a definition, with the weights.
    private func net(_ definition: NetParameter) throws -> Net {
        let phase = phase.replacing(definition)
        let net = try Net(definition, context: NetContext(phase: .test), place: phase.place)
        try net.loadAllWeights(fromFiles: weights, map: map, log: log)
        return net
    }

    /// Writes PREFIX.prototxt and PREFIX.caffemodel, each whole or not at all.
    ///
    /// - Throws: `NetError` for a layer that Caffe does not have; `FileError`.
    package func writeCaffe(prefix: String) throws {
        let deployment = try CaffeDeployment(definition)
        let net = try net(deployment.definition)
        let comments =
            ["Exported by TwoTower from \(phase.path.pathName)."]
            + preparations.flatMap { preparation in
                preparation.steps.enumerated().map { ($0.offset == 0 ? "Input " : "  ") + $0.element }
            }
        try AtomicFile.makeFolder(of: prefix)
        try AtomicFile.write(to: "\(prefix).caffemodel") { append in try deployment.writeWeights(of: net, append) }
        try AtomicFile.write(to: "\(prefix).prototxt") { append in
            try append(Data(deployment.text(comments: comments).utf8))
        }
        log.say("\(prefix).prototxt and \(prefix).caffemodel written")
    }

    /// Writes an ONNX model, whole or not at all.
    ///
    /// - Throws: `NetError` for a layer that has no form in ONNX here; `FileError`.
    package func writeONNX(to path: String) throws {
        let properties = preparations.flatMap(\.properties)
        let model = try ONNXModel(
            definition, net: try net(definition),
            metadata: Dictionary(properties, uniquingKeysWith: { first, _ in first }))
        try AtomicFile.makeFolder(of: path)
        try AtomicFile.write(to: path) { append in try model.write(append) }
        log.say("\(path) written")
    }
}
