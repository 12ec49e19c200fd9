package import CaffeProto
package import Tensors

extension Net {
    /// What happened to a file's weights, by the names of layers.
    package struct WeightReport: CustomStringConvertible {
        /// Layers of this net that got their weights.
        package fileprivate(set) var loaded: [String] = []
        /// Layers of this net that took the weights of a layer of another name, by a `WeightMap`.
        package fileprivate(set) var mapped: [(layer: String, source: String)] = []
        /// Layers of this net whose weights stayed as they were.
        package fileprivate(set) var missing: [String] = []
        /// Layers with weights in the file that this net does not have.
        package fileprivate(set) var ignored: [String] = []

        /// "14 layers loaded; not in the file: fc8; ignored: fc7_old, fc8_old".
        package var description: String {
            var parts = ["\(loaded.count) layer\(loaded.count == 1 ? "" : "s") loaded"]
            if !mapped.isEmpty {
                parts.append(mapped.map { "\($0.layer) takes those of \($0.source)" }.joined(separator: ", "))
            }
            if !missing.isEmpty { parts.append("not in the file: \(missing.joined(separator: ", "))") }
            if !ignored.isEmpty { parts.append("ignored: \(ignored.joined(separator: ", "))") }
            return parts.joined(separator: "; ")
        }
    }

    /// Takes the weights of a caffemodel, old or new, into the layers of the same names.
    ///
    /// One layer is in memory at a time. Throws `CaffeFileError` for a file that can't be read and `NetError` where
    /// the weights of a layer don't fit; the layers before it then have their new weights already.
    /// Source: Caffe, src/caffe/net.cpp, CopyTrainedLayersFrom.
    ///
    /// - Parameter map: which layers take weights of another name; nil for none.
    @discardableResult
    package func loadWeights(from file: String, map: WeightMap? = nil) throws -> WeightReport {
        let reader = try CaffeModelReader(file)
        var loading = WeightLoading(into: self, from: file, map: map)
        for number in 0..<reader.layerCount { try loading.take(try reader.layer(number)) }
        return loading.finish()
    }

    /// Takes the weights of layers in today's form into the layers of the same names; `origin` names them in errors.
    @discardableResult
    package func loadWeights(
        of layers: [LayerParameter], from origin: String, map: WeightMap? = nil
    ) throws -> WeightReport {
        var loading = WeightLoading(into: self, from: origin, map: map)
        for layer in layers { try loading.take(layer) }
        return loading.finish()
    }

    /// The layers as a caffemodel keeps them, in its order.
    ///
    /// Shared weights come with each of their layers, and each layer says its phase and the weight of a loss, as in
    /// Caffe's files.
    package var storedLayers: [StoredLayer] {
        let numbers = Dictionary(
            uniqueKeysWithValues: parameters.parameters.indices.map {
                (ObjectIdentifier(parameters.parameters[$0]), $0)
            })
        return definedSteps.filter { $0.layer.type != "Reorder" }.map { step in
            var definition = step.layer.definition
            definition.phase = context.phase == .train ? .train : .test
            // As in a caffemodel that somebody has printed as text.
            definition.blobs = []
            if step.lossWeights.contains(where: { $0 != 0 }) { definition.lossWeight = step.lossWeights }
            let blobs = step.layer.parameters.map { parameter in
                guard let number = numbers[ObjectIdentifier(parameter)] else {
                    preconditionFailure("\(parameter.name) belongs to another net, which writes it")
                }
                return StoredLayer.Blob(dimensions: parameter.shape.dims, range: parameters.range(of: number))
            }
            return StoredLayer(definition: definition, blobs: blobs)
        }
    }

    /// Writes each layer and its weights, without a copy of the weights.
    package func writeLayers(to writer: CaffeModelWriter) throws {
        for layer in storedLayers { try layer.write(parameters.values, to: writer) }
    }
}

/// A layer as files keep it: its definition, and where its weights lie in a `ParameterStore`'s flat buffer.
package struct StoredLayer: Sendable {
    package struct Blob: Sendable {
        let dimensions: [Int]
        let range: Range<Int>
    }

    let definition: LayerParameter
    let blobs: [Blob]

    /// Writes the layer with its weights, without a copy of them.
    ///
    /// - Parameter values: the store's flat buffer, or a copy of it.
    package func write(_ values: FloatStorage, to writer: CaffeModelWriter) throws {
        try writer.append(
            definition,
            blobs: blobs.map { PackedBlob(dimensions: $0.dimensions, values: values.bytes($0.range)) })
    }
}

/// Takes layers one after the other and keeps account of them.
private struct WeightLoading {
    private let net: Net
    private let origin: String
    private var report = Net.WeightReport()
    /// Parameters that have their weights, also through another layer that shares them.
    private var filled: Set<ObjectIdentifier> = []
    /// The layers that take weights of another name, by that name.
    private let standIns: [String: [Layer]]

    init(into net: Net, from origin: String, map: WeightMap?) {
        self.net = net
        self.origin = origin
        let layers = net.steps.map(\.layer).filter { !$0.parameters.isEmpty }
        let sources = layers.compactMap { layer in map?.source(of: layer.name).map { (source: $0, layer: layer) } }
        standIns = Dictionary(grouping: sources, by: \.source).mapValues { $0.map(\.layer) }
    }

    mutating func take(_ source: LayerParameter) throws {
        guard !source.blobs.isEmpty else { return }
        let mapped = standIns[source.name] ?? []
        if let layer = net.step(named: source.name)?.layer {
            try load(source, into: layer)
            report.loaded.append(source.name)
        } else if mapped.isEmpty {
            report.ignored.append(source.name)
        }
        for layer in mapped {
            try load(source, into: layer)
            report.mapped.append((layer.name, source.name))
        }
    }

    private mutating func load(_ source: LayerParameter, into layer: Layer) throws {
        Activity.begin("read of weights for", layer.name)
        try layer.loadWeights(source, from: origin)
        filled.formUnion(layer.parameters.map { ObjectIdentifier($0) })
    }

    consuming func finish() -> Net.WeightReport {
        for layer in net.steps.map(\.layer) {
            let isFilled = layer.parameters.allSatisfy { filled.contains(ObjectIdentifier($0)) }
            if !isFilled { report.missing.append(layer.name) }
        }
        return report
    }
}

extension Layer {
    /// Takes weights that must have the shapes of the parameters, but for leading ones (Caffe's old four axes).
    fileprivate func loadWeights(_ source: LayerParameter, from origin: String) throws {
        let blobs = source.blobs
        let isMapped = source.name != name
        let advice =
            isMapped ? "leave --map out" : "to train this layer from its filler, give it another name"
        guard blobs.count == parameters.count else {
            throw fault(
                "has \(parameters.count) weight blobs (\(list(parameters.map(\.shape)))), but in \(origin) the layer "
                    + "\(isMapped ? "\(source.name), whose weights it takes," : "of this name") has \(blobs.count); "
                    + advice)
        }
        for (parameter, blob) in zip(parameters, blobs) {
            let dims = blob.dimensions
            guard dims.allSatisfy({ $0 >= 0 }), Shape(dims).matchesIgnoringLeadingOnes(parameter.shape) else {
                throw fault(
                    "weights \(parameter.index) have shape \(parameter.shape), but in \(origin) "
                        + (isMapped ? "those of \(source.name), which it takes, " : "")
                        + "\(dims.map(String.init).joined(separator: "×")); \(advice)")
            }
            let values = blob.floats
            guard values.count == parameter.shape.count else {
                throw fault(
                    "weights \(parameter.index) have \(parameter.shape.count) values, but \(origin) holds "
                        + "\(values.count) for them: the file is damaged")
            }
            parameter.blob.copyData(from: values)
        }
    }

    private func list(_ shapes: [Shape]) -> String {
        shapes.isEmpty ? "none" : shapes.map(\.description).joined(separator: ", ")
    }
}
