import CaffeProto

/// Gives every reader of a blob a top of its own, so that their gradients can be summed (Caffe: util/insert_splits.cpp).
enum SplitInsertion {
    /// A blob as one layer made it: an in-place layer makes a new one of the same name.
    private struct Top: Hashable {
        var layer: Int
        var top: Int
    }

    /// Returns the definitions with a Split layer after each layer one of whose tops has several readers.
    ///
    /// - Parameter current: gets the name of the layer at work, for errors.
    static func insert(into layers: [LayerParameter], current layerAtWork: inout String?) throws -> [LayerParameter] {
        let readers = try countReaders(of: layers, current: &layerAtWork)
        var result: [LayerParameter] = []
        var current: [String: Top] = [:]
        var nextCopy: [Top: Int] = [:]
        for (index, original) in layers.enumerated() {
            var layer = original
            for (number, bottom) in layer.bottom.enumerated() {
                guard let top = current[bottom], let count = readers[top], count > 1 else { continue }
                let copy = nextCopy[top, default: lossWeight(of: top, in: layers) == 0 ? 0 : 1]
                nextCopy[top] = copy + 1
                layer.bottom[number] = copyName(of: bottom, madeBy: layers[top.layer], top, copy)
            }
            var splits: [LayerParameter] = []
            for (number, name) in layer.top.enumerated() {
                let top = Top(layer: index, top: number)
                current[name] = top
                guard let count = readers[top], count > 1 else { continue }
                let weight = lossWeight(of: top, in: layers)
                splits.append(split(name, madeBy: original, top, copies: count, lossWeight: weight))
                if weight != 0 { layer.lossWeight[number] = 0 }
            }
            result.append(layer)
            result.append(contentsOf: splits)
        }
        return result
    }

    private static func countReaders(
        of layers: [LayerParameter], current layerAtWork: inout String?
    ) throws -> [Top: Int] {
        var current: [String: Top] = [:]
        var readers: [Top: Int] = [:]
        for (index, layer) in layers.enumerated() {
            layerAtWork = layer.name
            for bottom in layer.bottom {
                guard let top = current[bottom] else { throw unknownBottom(bottom, of: layer, known: current.keys) }
                readers[top, default: 0] += 1
            }
            for (number, name) in layer.top.enumerated() {
                let top = Top(layer: index, top: number)
                current[name] = top
                // A top that is itself a loss and is read by others: the loss is its first reader.
                if lossWeight(of: top, in: layers) != 0 { readers[top] = 1 }
            }
        }
        return readers
    }

    private static func unknownBottom(
        _ bottom: String, of layer: LayerParameter, known: Dictionary<String, Top>.Keys
    ) -> NetError {
        let hint = nearest(bottom, in: known.sorted()).map { "; the nearest name is \"\($0)\"" } ?? ""
        return NetError(
            layer: "\(layer.name) (\(layer.type))",
            "its bottom \"\(bottom)\" is made by no layer before it in this phase\(hint)")
    }

    private static func copyName(of blob: String, madeBy layer: LayerParameter, _ top: Top, _ copy: Int) -> String {
        "\(blob)_\(layer.name)_\(top.top)_split_\(copy)"
    }

    private static func lossWeight(of top: Top, in layers: [LayerParameter]) -> Float {
        let weights = layers[top.layer].lossWeight
        return weights.indices.contains(top.top) ? weights[top.top] : 0
    }

    private static func split(
        _ blob: String, madeBy layer: LayerParameter, _ top: Top, copies: Int, lossWeight: Float
    ) -> LayerParameter {
        var split = LayerParameter()
        split.name = "\(blob)_\(layer.name)_\(top.top)_split"
        split.type = "Split"
        split.bottom = [blob]
        if lossWeight != 0 { split.lossWeight = (0..<copies).map { $0 == 0 ? lossWeight : 0 } }
        split.top = (0..<copies).map { copyName(of: blob, madeBy: layer, top, $0) }
        return split
    }
}
