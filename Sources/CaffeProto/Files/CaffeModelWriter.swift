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

    /// Writes one layer with blobs whose values are not copied; `layer` itself holds none.
    ///
    /// - Throws: What `write` throws.
    package func append(_ layer: LayerParameter, blobs: [PackedBlob]) throws {
        precondition(layer.blobs.isEmpty, "blobs are given beside the layer")
        let (beginning, ending) = layer.splitAroundBlobs
        let pieces =
            try [beginning.serializedBytes()] + blobs.flatMap { try $0.pieces(field: 7) } + [ending.serializedBytes()]
        var start = WireWriter()
        start.tag(100, .lengthDelimited)
        start.varint(UInt64(pieces.reduce(0) { $0 + $1.count }))
        for piece in [Data(start.bytes)] + pieces { try write(piece) }
    }
}

extension LayerParameter {
    /// The fields before `blobs` (7) and those after it, as Caffe writes them: in the order of their numbers.
    fileprivate var splitAroundBlobs: (LayerParameter, LayerParameter) {
        var (beginning, ending) = (LayerParameter(), self)
        (beginning.bottom, beginning.top, beginning.lossWeight, beginning.param) = (bottom, top, lossWeight, param)
        if hasName { beginning.name = name }
        if hasType { beginning.type = type }
        (ending.bottom, ending.top, ending.lossWeight, ending.param) = ([], [], [], [])
        ending.clearName()
        ending.clearType()
        return (beginning, ending)
    }
}
