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

    /// The data layer of a tower, as the net has it.
    package func dataLayer(of half: TowerSplit.Half) -> LayerParameter {
        towers.net.layer[towers.dataLayers[half.rawValue]]
    }

    /// The net of one tower alone, from its images to a blob.
    ///
    /// With lists, what they say of each image (their labels) is a top too, where the data layer has one.
    ///
    /// - Parameter blob: nil for what the head reads of the tower.
    /// - Throws: `NetError` for a blob that the tower does not make.
    package func tower(_ half: TowerSplit.Half, to blob: String? = nil, input: Input) throws -> NetParameter {
        let ends = try blob.map { try checked($0, half) } ?? crossing[half] ?? []
        var result = towers.net
        result.layer = needed(for: ends)
        let own = dataLayer(of: half)
        result.layer = result.layer.map {
            $0.name == own.name ? Self.source(own, input, label: own.top.dropFirst().first) : $0
        }
        return result
    }

    /// The net of both towers and their head.
    ///
    /// With lists, the labels of pairs are a top too.
    package func pair(a: Input, b: Input) -> NetParameter {
        var result = towers.net
        result.layer = needed(for: ends)
        let own = [dataLayer(of: .a), dataLayer(of: .b)]
        result.layer = result.layer.map { layer in
            if layer.name == own[0].name { return Self.source(layer, a, label: label) }
            if layer.name == own[1].name {
                return Self.source(layer, b, label: own[0].top.count > 1 ? nil : label)
            }
            return layer
        }
        return result
    }

    private static func source(_ layer: LayerParameter, _ input: Input, label: String?) -> LayerParameter {
        switch input {
        case .lists:
            var source = layer
            source.top = [layer.top[0]] + (label.map { [$0] } ?? [])
            return source
        case .images(let shape):
            var source = LayerParameter()
            source.name = layer.name
            source.type = "Input"
            source.top = [layer.top[0]]
            var dims = BlobShape()
            dims.dim = [1] + shape.dims.map(Int64.init)
            source.inputParam.shape = [dims]
            return source
        }
    }

    private func checked(_ blob: String, _ half: TowerSplit.Half) throws -> [String] {
        let own = layers.filter { layer in layer.top.contains { isMade($0, by: half) } }.flatMap(\.top)
        guard own.contains(blob), isMade(blob, by: half) else {
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
