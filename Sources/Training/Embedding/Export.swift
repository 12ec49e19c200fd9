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
    private let trained: TrainedNet
    private let log: TrainingLog

    /// Reads the net that was trained.
    ///
    /// - Throws: what is wrong with the definition, or with the first image where only that knows its size.
    package init(_ trained: TrainedNet, part: Part, blob: String? = nil, log: TrainingLog) throws {
        let (phase, deploy) = try trained.deployed(log)
        let shapes = try Self.imageShapes(of: phase, deploy)
        func image(_ half: TowerSplit.Half) -> Shape { shapes[half] ?? [] }
        func preparation(_ half: TowerSplit.Half) -> PixelPreparation {
            // Of records that hold both images, tower A's channels are the first.
            let first = deploy.readsWholePairs && half == .b ? image(.a)[0] : 0
            return PixelPreparation(
                deploy.dataLayer(of: half), input: deploy.images(of: half), image: image(half), firstChannel: first)
        }
        switch part {
        case .a, .b:
            let half: TowerSplit.Half = part == .a ? .a : .b
            definition = try deploy.tower(half, to: blob, input: .images(image(half)))
            preparations = [preparation(half)]
        case .pair:
            definition = deploy.pair(a: .images(image(.a)), b: .images(image(.b)))
            preparations = TowerSplit.Half.allCases.map(preparation)
        }
        (self.phase, self.trained, self.log) = (phase, trained, log)
    }

    /// C × H × W of each tower's images.
    private static func imageShapes(of phase: PhaseNet, _ deploy: DeployNet) throws -> [TowerSplit.Half: Shape] {
        var only = phase.net
        only.layer = deploy.imageLayers
        let net = try phase.replacing(only).netWithoutData(engine: .caffe, rank: 0, worldSize: 1)
        return Dictionary(
            uniqueKeysWithValues: TowerSplit.Half.allCases.map { half in
                (half, Shape(Array((net.blob(deploy.images(of: half))?.shape.dims ?? []).dropFirst())))
            })
    }

    /// A net set up from a definition, with the weights.
    private func net(_ definition: NetParameter) throws -> Net {
        let phase = phase.replacing(definition)
        let net = try Net(definition, context: NetContext(phase: .test), place: phase.place)
        try net.loadAllWeights(of: trained, log: log)
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
