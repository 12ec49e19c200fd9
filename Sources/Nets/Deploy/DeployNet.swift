package import CaffeProto
package import Tensors

/// A two-tower net without what only training needs: both towers, and the head that compares them.
///
/// Losses, accuracies and Dropout are gone; layers that work in place on an embedding stay, as they were trained.
package struct DeployNet {
    /// How two images are compared.
    package enum Head: Equatable, Sendable {
        /// By the Euclidean distance of two embeddings, blobs of N × C: the less, the more alike.
        case distance(a: String, b: String)
        /// By the probability that they are alike: a blob of N × 2, of which class 1 counts, or of N × 1.
        case probability(String)
    }

    /// What gives a tower its images.
    package enum Input: Sendable {
        /// Its data layer.
        case lists
        /// An Input layer: the shape C × H × W of one image.
        case images(Shape)

        fileprivate var isImages: Bool { if case .images = self { true } else { false } }
    }

    package let head: Head
    /// The labels of pairs, where the net has any.
    package let label: String?
    private let towers: Towers
    private let layers: [LayerParameter]
    private let crossing: [TowerSplit.Half: [String]]

    /// Looks for the towers and the head in a net that is filtered for the phase TEST.
    ///
    /// - Throws: `NetError` for a net that is not two towers that a loss, or a softmax over two classes, compares.
    package init(_ whole: NetParameter) throws {
        let net = whole.withoutDropout
        do throws(Towers.Fault) {
            towers = try Towers(net)
        } catch {
            throw NetError(
                "this net can't be deployed as two towers: \(error.problem); give the net that was trained, with a data "
                    + "layer for each tower and its loss")
        }
        let found = try PairHead(in: net, towers)
        head = found.head
        layers = found.layers
        crossing = found.crossing
        label = towers.dataLayers.lazy.compactMap { net.layer[$0].top.dropFirst().first }.first
    }

    /// The embedding of a tower: what the head reads of it; nil where that is more than one blob.
    package func embedding(of half: TowerSplit.Half) -> String? {
        let blobs = crossing[half] ?? []
        return blobs.count == 1 ? blobs[0] : nil
    }

    /// The blobs in which the net ends: both embeddings, or the probability.
    package var ends: [String] {
        switch head {
        case .distance(let a, let b): [a, b]
        case .probability(let blob): [blob]
        }
    }

    /// The data layer of a tower, as the net has it; that of both where its records hold both images.
    package func dataLayer(of half: TowerSplit.Half) -> LayerParameter {
        towers.net.layer[towers.dataLayers[towers.slice == nil ? half.rawValue : 0]]
    }

    /// The layers that make the images of both towers.
    package var imageLayers: [LayerParameter] {
        (towers.dataLayers + [towers.slice].compactMap(\.self)).map { towers.net.layer[$0] }
    }

    /// The blob of a tower's images.
    package func images(of half: TowerSplit.Half) -> String { towers.images(of: half) }

    /// Whether one data layer's records hold the images of both towers.
    package var readsWholePairs: Bool { towers.slice != nil }

    /// The net of one tower alone, from its images to a blob.
    ///
    /// With lists, what they say of each image (their labels) is a top too, where the data layer has one.
    ///
    /// - Parameter blob: nil for what the head reads of the tower.
    /// - Throws: `NetError` for a blob that the tower does not make.
    package func tower(_ half: TowerSplit.Half, to blob: String? = nil, input: Input) throws -> NetParameter {
        let ends = try blob.map { try checked($0, half) } ?? crossing[half] ?? []
        return part(to: ends, from: [half: input], label: dataLayer(of: half).top.dropFirst().first)
    }

    /// The net of both towers and their head.
    ///
    /// With lists, the labels of pairs are a top too.
    package func pair(a: Input, b: Input) -> NetParameter {
        part(to: ends, from: [.a: a, .b: b], label: label)
    }

    /// The layers that some blobs need; the first data layer among them puts out the label.
    private func part(to ends: [String], from inputs: [TowerSplit.Half: Input], label: String?) -> NetParameter {
        var result = towers.net
        var label = label
        result.layer = needed(for: ends).flatMap { layer -> [LayerParameter] in
            let made = TowerSplit.Half.allCases.filter { layer.top.contains(images(of: $0)) }
            let shapes = made.compactMap { half -> LayerParameter? in
                guard case .images(let shape)? = inputs[half] else { return nil }
                return Self.input(images(of: half), shape, name: made.count > 1 ? images(of: half) : layer.name)
            }
            if !shapes.isEmpty { return shapes }
            guard DataLayers.types.contains(layer.type) else { return [layer] }
            if inputs.values.contains(where: \.isImages) { return [] }
            var source = layer
            source.top = [layer.top[0]] + [label].compactMap(\.self)
            label = nil
            return [source]
        }
        return result
    }

    private static func input(_ blob: String, _ shape: Shape, name: String) -> LayerParameter {
        var layer = LayerParameter()
        layer.name = name
        layer.type = "Input"
        layer.top = [blob]
        var dims = BlobShape()
        dims.dim = [1] + shape.dims.map(Int64.init)
        layer.inputParam.shape = [dims]
        return layer
    }

    private func checked(_ blob: String, _ half: TowerSplit.Half) throws -> [String] {
        let own = layers.flatMap(\.top).filter { isMade($0, by: half) }
        guard own.contains(blob) else {
            let names = own.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            throw NetError(
                "tower \(half) has no blob \"\(blob)\"; it has \(names.joined(separator: ", "))")
        }
        return [blob]
    }

    private func isMade(_ blob: String, by half: TowerSplit.Half) -> Bool {
        towers.ownerOfBlob[blob] == .one(half)
    }

    /// The layers that some blobs need, in order.
    private func needed(for blobs: [String]) -> [LayerParameter] {
        var wanted = Set(blobs)
        var kept: [LayerParameter] = []
        for layer in layers.reversed() where layer.top.contains(where: wanted.contains) {
            wanted.formUnion(layer.bottom)
            kept.append(layer)
        }
        return kept.reversed()
    }
}
