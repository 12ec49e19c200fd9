extension Upgrade {
    /// Takes the padding layers of Caffe's first format away: what they did is the `pad` of the layers that read them.
    ///
    /// A padding layer of a chain, reading another, is refused as in Caffe.
    /// Source: BVLC caffe, src/caffe/util/upgrade_proto.cpp, UpgradeV0PaddingLayers.
    ///
    /// - Returns: the layers that are left, each with its index in `layers`, and the names of those taken away.
    /// - Throws: `DefinitionError` where a layer reads a padded blob that knows no pad.
    static func foldPadding(
        _ layers: [V1LayerParameter]
    ) throws(DefinitionError) -> (kept: [(index: Int, layer: V1LayerParameter)], folded: [String]) {
        var kept: [(index: Int, layer: V1LayerParameter)] = []
        var folded: [String] = []
        /// The padding layer that a blob comes from, nil when the last to write it is another layer.
        var padding: [String: V1LayerParameter] = [:]
        for (index, layer) in layers.enumerated() {
            let isPadding = layer.layer.type == "padding"
            var layer = layer
            for (number, bottom) in layer.bottom.enumerated() {
                guard let source = padding[bottom] else { continue }
                guard ["conv", "pool"].contains(layer.layer.type), source.bottom.count == 1 else {
                    throw DefinitionError(
                        layer: index, subject: "layer \"\(layer.layer.name)\"", problem: "reads a padded blob",
                        expected: "a conv or pool layer on \"\(bottom)\", the top of the padding layer "
                            + "\"\(source.layer.name)\" with one bottom",
                        found: "type \"\(layer.layer.type)\" and \(source.bottom.count) bottom")
                }
                layer.layer.pad = source.layer.pad
                layer.bottom[number] = source.bottom[0]
            }
            for top in layer.top { padding[top] = isPadding ? layer : nil }
            if isPadding { folded.append(layer.layer.name) } else { kept.append((index, layer)) }
        }
        return (kept, folded)
    }
}
