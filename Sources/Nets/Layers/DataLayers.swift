package import CaffeProto

/// The layers that a phase's pairs come in through: ImageData and Data.
package enum DataLayers {
    package static let types: Set<String> = ["Data", "ImageData"]

    /// The data layers of a definition, in order.
    package static func all(in definition: NetParameter) -> [LayerParameter] {
        definition.layer.filter { types.contains($0.type) }
    }

    /// The `batch_size` that all data layers of a definition share; nil if it has none.
    ///
    /// Throws where two layers disagree, since their samples belong together.
    package static func batchSize(of definition: NetParameter) throws -> Int? {
        let layers = all(in: definition)
        guard let first = layers.first else { return nil }
        if let other = layers.first(where: { $0.batchSize != first.batchSize }) {
            throw other.fault(
                "batch_size is \(other.batchSize), but layer \(first.name) has \(first.batchSize); all lists of a phase are "
                    + "read together, so give them one batch_size")
        }
        guard first.batchSize >= 1 else { throw first.fault("batch_size must be 1 or more, found \(first.batchSize)") }
        return first.batchSize
    }
}

extension LayerParameter {
    /// Of a data layer.
    fileprivate var batchSize: Int {
        Int(type == "Data" ? dataParam.batchSize : imageDataParam.batchSize)
    }
}
