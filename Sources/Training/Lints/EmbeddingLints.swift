import CaffeProto
import Nets

/// How a pair loss gets one of the embeddings that it compares.
private struct Embedding {
    /// The layer that makes it, which has outputs of its own; nil where the way back forks or ends before one.
    var source: LayerParameter?
    /// What stands between that layer and the loss, the last first.
    var onTop: [LayerParameter] = []

    /// Types that hand on as many values as they get.
    private static let passing: Set<String> = [
        "AbsVal", "BNLL", "BatchNorm", "Bias", "Clip", "Dropout", "ELU", "Flatten", "L2Normalize", "LRN", "MVN",
        "Normalize", "PReLU",
        "Power", "ReLU", "Scale", "Sigmoid", "Swish", "TanH",
    ]

    /// Walks back from a bottom of the layer with that index, through in-place layers and others.
    init(_ blob: String, of index: Int, in layers: [LayerParameter]) {
        var (blob, index) = (blob, index)
        while let maker = layers[..<index].lastIndex(where: { $0.top.contains(blob) }) {
            let layer = layers[maker]
            guard Self.passing.contains(layer.type), let below = layer.bottom.first else {
                source = layer
                return
            }
            onTop.append(layer)
            (blob, index) = (below, maker)
        }
    }

    /// The embeddings of all pair losses, or of some types of them, each once.
    static func all(in net: NetParameter, of types: Set<String> = PairLosses.all) -> [Embedding] {
        var names: Set<String> = []
        return net.layer.enumerated().filter { types.contains($1.type) }.flatMap { index, loss in
            loss.bottom.prefix(2).map { Embedding($0, of: index, in: net.layer) }
        }.filter { names.insert($0.source?.name ?? "").inserted }
    }

    /// How many values it has, where its source says so.
    var outputs: Int? {
        switch source?.type {
        case "InnerProduct": source.map { Int($0.innerProductParam.numOutput) }
        case "Convolution": source.map { Int($0.convolutionParam.numOutput) }
        default: nil
        }
    }
}

extension Lints {
    /// Fewer than this many values seldom tell images apart.
    private static let fewOutputs = 8

    static func smallEmbedding(_ net: NetParameter) -> [String] {
        let small = Embedding.all(in: net).filter { ($0.outputs ?? fewOutputs) < fewOutputs }
        guard let outputs = small.first?.outputs else { return [] }
        let names = small.compactMap { $0.source?.name }
        return [
            "the embedding of \(joined(names)) has \(outputs) output\(outputs == 1 ? "" : "s"): fewer than "
                + "\(fewOutputs) leave little room to tell images apart; 64 to 256 is a good start"
        ]
    }

    static func layersOnEmbedding(_ net: NetParameter) -> [String] {
        harms.compactMap { types, harm in
            // Exponential loss has an upper bound of the distances to be set.
            let losses = types.contains("TanH") ? PairLosses.all.subtracting(["ExponentialLoss"]) : PairLosses.all
            let layers = Embedding.all(in: net, of: losses).flatMap(\.onTop)
            let names = layers.filter { types.contains($0.type) && $0.changesValues }.map(\.name)
            guard !names.isEmpty else { return nil }
            let type = types.sorted().joined(separator: " or ")
            return "\(type) on the embedding (\(joined(names))) \(harm); end the towers without it"
        }
    }

    /// Inner products of embeddings of any length, divided by a temperature that is meant for those of length 1.
    static func longEmbeddings(_ net: NetParameter) -> [String] {
        let long = Embedding.all(in: net, of: ["InfoNCELoss"]).filter { embedding in
            !embedding.onTop.contains { $0.type == "L2Normalize" || $0.type == "Normalize" }
        }
        guard !long.isEmpty else { return [] }
        let names = long.compactMap { $0.source?.name }
        return [
            "InfoNCELoss compares embeddings by their inner product, which its temperature expects to be at most 1, but "
                + "\(names.isEmpty ? "the" : joined(names)) embeddings have any length; end the towers with L2Normalize"
        ]
    }

    private static let harms: [(types: Set<String>, harm: String)] = [
        (
            ["ReLU"],
            "cuts off what is below 0, so units die, and when all have died every distance is 0 and nothing is learned"
        ),
        (["Dropout"], "leaves the distance of a pair to chance while training"),
        (["Sigmoid", "TanH"], "saturates: distances are bounded and gradients vanish at the bounds"),
    ]
}

extension LayerParameter {
    /// Whether the layer is more than a formality.
    fileprivate var changesValues: Bool {
        switch type {
        case "ReLU": reluParam.negativeSlope == 0
        case "Dropout": dropoutParam.dropoutRatio > 0
        default: true
        }
    }
}
