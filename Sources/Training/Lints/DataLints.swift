package import CaffeProto
import Nets
import Pairs

extension Lints {
    /// Layers that bring pixels to another scale themselves.
    private static let scaling: Set<String> = ["BatchNorm", "Bias", "MVN", "Power", "Scale"]

    /// Pixels of 0 to 255 that reach the first weights as they are.
    static func rawPixels(_ net: NetParameter) -> [String] {
        let raw = net.layer.filter { layer in
            guard DataLayers.types.contains(layer.type), let pixels = layer.top.first else { return false }
            let transform = layer.transformParam
            return transform.scale == 1 && transform.meanValue.isEmpty && !transform.hasMeanFile
                && !readers(of: pixels, in: net).contains { scaling.contains($0.type) }
        }
        guard !raw.isEmpty else { return [] }
        return [
            "\(joined(raw.map(\.name))) give\(raw.count == 1 ? "s" : "") pixels of 0 to 255 with neither scale nor mean: "
                + "gradients become so large that only a tiny base_lr trains; add transform_param { scale: 0.00390625 }"
        ]
    }

    /// The layers that read a blob, or a slice of it.
    private static func readers(of blob: String, in net: NetParameter) -> [LayerParameter] {
        var blobs: Set = [blob]
        var readers: [LayerParameter] = []
        for layer in net.layer where !blobs.isDisjoint(with: layer.bottom) {
            if layer.type == "Slice" { blobs.formUnion(layer.top) } else { readers.append(layer) }
        }
        return readers
    }

    /// What the labels of a list show; nothing where they are not known.
    static func labels(of input: PhaseInput, for net: Net) -> [String] {
        let labels = input.source.labels ?? []
        let layers = net.steps.map(\.layer.definition)
        if let loss = layers.first(where: PairLosses.takesMatchingPairs) { return strangers(labels, for: loss) }
        return self.labels(
            labels, isContrastive: layers.contains { PairLosses.ofBothKinds.contains($0.type) },
            isShuffled: input.isShuffled)
    }

    /// Pairs that do not match, for a loss that takes matching ones only and does not read what they are.
    package static func strangers(_ labels: [Float], for loss: LayerParameter) -> [String] {
        let strangers = labels.count { $0.rounded(.towardZero) == 0 }
        guard strangers > 0, !PairLosses.readsIdentities(loss) else { return [] }
        return [
            "layer \(loss.name) (\(loss.type)) takes matching pairs only, but \(strangers) of \(labels.count) pairs have "
                + "label 0: it draws them together all the same, or refuses them where it reads the label; take them out of "
                + "the lists"
        ]
    }

    /// What the labels of a list show, in the order in which they stand there.
    ///
    /// - Parameters:
    ///   - isContrastive: whether only "match or not" counts, as for a contrastive loss.
    ///   - isShuffled: whether the list is read in another order.
    package static func labels(_ labels: [Float], isContrastive: Bool, isShuffled: Bool) -> [String] {
        let labels = isContrastive ? labels.map { $0.rounded(.towardZero) == 0 ? 0 : 1 } : labels
        let counts = Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +).sorted { $0.value > $1.value }
        func name(_ label: Float) -> String { "label \(TrainingLog.format(Double(label)))" }
        guard counts.count > 1 else {
            return counts.map {
                "all \($0.value) pairs have \(name($0.key)): a net that gives every image the same output is perfect "
                    + "on them; add pairs of the other kind"
            }
        }
        var lints: [String] = []
        if counts.count == 2, counts[0].value > 9 * counts[1].value {
            lints.append(
                "\(name(counts[0].key)) has \(counts[0].value) pairs and \(name(counts[1].key)) \(counts[1].value), "
                    + "more than 9 to 1: the few hardly count in the loss; bring them nearer to each other")
        }
        if !isShuffled, zip(labels, labels.dropFirst()).count(where: { $0 != $1 }) == counts.count - 1 {
            lints.append(
                "the pairs are sorted by label and not shuffled, so the net meets one label for a long time and then "
                    + "forgets it for the other; set shuffle: true")
        }
        return lints
    }
}
