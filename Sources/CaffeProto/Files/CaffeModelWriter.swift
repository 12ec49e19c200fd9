package import Foundation
internal import SwiftProtobuf

/// Writes a caffemodel layer by layer, so that a large one is never held as a whole.
///
/// Fields written one after the other are one protobuf message, so Caffe reads the file as one `NetParameter`.
package struct CaffeModelWriter {
    private let write: (Data) throws -> Void

    /// Begins a file with the net's name.
    ///
    /// - Parameters:
    ///   - header: The net without its layers; usually the name alone.
    ///   - write: Takes the pieces of the file in their order, as `FileHandle.write(contentsOf:)` does.
    /// - Throws: What `write` throws.
    package init(_ header: NetParameter, write: @escaping (Data) throws -> Void) throws {
        precondition(header.layer.isEmpty && header.layers.isEmpty, "layers are written one by one")
        self.write = write
        try write(header.serializedBytes())
    }

    /// Writes one layer with its blobs.
    ///
    /// - Throws: What `write` throws.
    package func append(_ layer: LayerParameter) throws {
        try writeField(100, layer, by: write)
    }
}
