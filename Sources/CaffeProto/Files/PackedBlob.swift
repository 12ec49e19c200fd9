package import Foundation
internal import SwiftProtobuf

/// A blob for a file whose values stay where they are: 205 MB of weights go to the disk without a copy.
package struct PackedBlob {
    package let dimensions: [Int]
    /// The values in row-major order, four little-endian bytes each.
    package let values: Data

    package init(dimensions: [Int], values: Data) {
        precondition(values.count == 4 * dimensions.reduce(1, *), "\(values.count) bytes for \(dimensions)")
        self.dimensions = dimensions
        self.values = values
    }

    /// The message in two pieces between which the values belong: field 5 (data) and 7 (shape), in Caffe's order.
    private func frame() throws -> (before: [UInt8], after: Data) {
        var before = WireWriter()
        if !values.isEmpty {
            before.tag(5, .lengthDelimited)
            before.varint(UInt64(values.count))
        }
        let shape = BlobProto.with { $0.shape.dim = dimensions.map { Int64($0) } }
        return (before.bytes, try shape.serializedBytes())
    }

    /// The pieces of a length-delimited field that holds the blob.
    func pieces(field number: Int) throws -> [Data] {
        let (before, after) = try frame()
        var start = WireWriter()
        start.tag(number, .lengthDelimited)
        start.varint(UInt64(before.count + values.count + after.count))
        return [Data(start.bytes + before), values, after]
    }
}
