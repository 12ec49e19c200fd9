import CaffeProto

/// A fault of a net's definition or files: which layer, where it was written, what is wrong and what to do.
package struct NetError: Error, CustomStringConvertible {
    /// The layer's name and type, where one is at fault: "conv1 (Convolution)".
    package let layer: String?
    package let message: String
    /// Where the layer stands, with the line and a caret, if it came from a text.
    package var place: String?

    package init(layer: String? = nil, _ message: String, place: String? = nil) {
        self.layer = layer
        self.message = message
        self.place = place
    }

    package var description: String {
        let subject = layer.map { "layer \($0): " } ?? ""
        return subject + message + (place.map { "\n\($0)" } ?? "")
    }
}

extension LayerParameter {
    /// An error of this layer: what was expected, what was found, what to do.
    func fault(_ message: String) -> NetError {
        NetError(layer: "\(name) (\(type))", message)
    }
}
