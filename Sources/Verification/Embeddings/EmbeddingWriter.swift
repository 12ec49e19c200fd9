import Foundation
import Tensors

/// Writes embeddings to a .npy file (float32, N × d) as they come, row after row.
///
/// The file has its name only when it is whole; a writer that is let go before leaves nothing.
package final class EmbeddingWriter {
    package let path: String
    /// How many rows there will be at most.
    package let count: Int
    /// The numbers of one row.
    package let length: Int
    /// How many rows are written so far.
    package private(set) var written = 0
    private let file: DraftFile
    /// The bytes of the head.
    private let head: Int

    /// Creates the file, and throws where that can't be: before anything is computed.
    package init(_ path: String, count: Int, length: Int) throws {
        precondition(count >= 1 && length >= 1, "\(count) embeddings of \(length) numbers")
        self.path = path
        self.count = count
        self.length = length
        file = try DraftFile(path)
        let head = NpyHeader.bytes(rows: count, columns: length)
        self.head = head.count
        try file.append(Data(head))
    }

    /// Writes whole rows behind those that are there.
    package func append(rows: Span<Float>) throws {
        precondition(rows.count.isMultiple(of: length), "\(rows.count) floats are no rows of \(length)")
        precondition(written + rows.count / length <= count, "more than \(count) rows")
        try file.append(unsafe rows.withUnsafeBufferPointer { unsafe Data(buffer: $0) })
        written += rows.count / length
    }

    package func append(rows: [Float]) throws { try append(rows: rows.span) }

    /// Gives the file its name; its head says how many rows have come.
    package func finish() throws {
        if written < count {
            try file.replaceStart(by: Data(NpyHeader.bytes(rows: written, columns: length, size: head)))
        }
        try file.publish()
    }
}
