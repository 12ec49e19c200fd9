package import CaffeProto
import Tensors

extension Net {
    /// What happened to a file's weights, by the names of layers.
    package struct WeightReport: CustomStringConvertible {
        /// Layers of this net that got their weights.
        package fileprivate(set) var loaded: [String] = []
        /// Layers of this net whose weights stayed as they were.
        package fileprivate(set) var missing: [String] = []
        /// Layers with weights in the file that this net does not have.
        package fileprivate(set) var ignored: [String] = []

        /// "14 layers loaded; not in the file: fc8; ignored: fc7_old, fc8_old".
        package var description: String {
            var parts = ["\(loaded.count) layer\(loaded.count == 1 ? "" : "s") loaded"]
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
    @discardableResult
    package func loadWeights(from file: String) throws -> WeightReport {
        let reader = try CaffeModelReader(file)
        var loading = WeightLoading(into: self, from: file)
        for number in 0..<reader.layerCount { try loading.take(try reader.layer(number)) }
        return loading.finish()
    }

    /// Takes the weights of layers in today's form into the layers of the same names; `origin` names them in errors.
    @discardableResult
    package func loadWeights(of layers: [LayerParameter], from origin: String) throws -> WeightReport {
        var loading = WeightLoading(into: self, from: origin)
        for layer in layers { try loading.take(layer) }
        return loading.finish()
    }

    /// Writes each layer and its weights as a caffemodel has them, without a copy of the weights.
    ///
    /// Shared weights come with each of their layers, as in Caffe's files.
    package func writeLayers(to writer: CaffeModelWriter) throws {
        for step in steps where step.layer.type != "Reorder" {
            let blobs = step.layer.parameters.map {
                PackedBlob(dimensions: $0.shape.dims, values: $0.blob.dataBytes)
            }
            try writer.append(step.layer.definition, blobs: blobs)
        }
    }
}

/// Takes layers one after the other and keeps account of them.
private struct WeightLoading {
    private let net: Net
    private let origin: String
    private var report = Net.WeightReport()
    /// Parameters that have their weights, also through another layer that shares them.
    private var filled: Set<ObjectIdentifier> = []

    init(into net: Net, from origin: String) {
        self.net = net
        self.origin = origin
    }

    mutating func take(_ source: LayerParameter) throws {
        guard !source.blobs.isEmpty else { return }
        guard let layer = net.step(named: source.name)?.layer else {
            report.ignored.append(source.name)
            return
        }
        try layer.loadWeights(source.blobs, from: origin)
        filled.formUnion(layer.parameters.map { ObjectIdentifier($0) })
        report.loaded.append(source.name)
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
    fileprivate func loadWeights(_ blobs: [BlobProto], from origin: String) throws {
        guard blobs.count == parameters.count else {
            throw fault(
                "has \(parameters.count) weight blobs (\(list(parameters.map(\.shape)))), but in \(origin) the layer of "
                    + "this name has \(blobs.count); \(Self.advice)")
        }
        for (parameter, blob) in zip(parameters, blobs) {
            let dims = blob.dimensions
            guard dims.allSatisfy({ $0 >= 0 }), Shape(dims).matchesIgnoringLeadingOnes(parameter.shape) else {
                throw fault(
                    "weights \(parameter.index) have shape \(parameter.shape), but in \(origin) "
                        + "\(dims.map(String.init).joined(separator: "×")); \(Self.advice)")
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

    private static let advice = "to train this layer from its filler, give it another name"

    private func list(_ shapes: [Shape]) -> String {
        shapes.isEmpty ? "none" : shapes.map(\.description).joined(separator: ", ")
    }
}
