import Foundation
import Pairs
import Tensors

/// What each row of a file of embeddings shows: the lines `path label` of the list that it was made from, or only `path` of one
/// without labels.
///
/// Millions of them are kept as one text and the places where its lines begin.
package struct EmbeddingIDs: Sendable {
    package let file: String
    /// The label of each row, an identity's number where the list is an identity list; nil of a list without labels.
    package var labels: [Double]? { isLabelled ? known : nil }
    private var known: [Double] = []
    private var isLabelled = true
    private var paths = PackedStrings()

    package var count: Int { paths.count }

    /// `faces.npy` has its ids in `faces.ids.txt`.
    package static func path(beside embeddings: String) -> String {
        (embeddings.hasSuffix(".npy") ? String(embeddings.dropLast(4)) : embeddings) + ".ids.txt"
    }

    /// The picture of a row, as its list names it.
    package func path(_ row: Int) -> String { String(decoding: paths[row], as: UTF8.self) }

    /// Reads the ids beside embeddings, a line for each row.
    package init(beside embeddings: EmbeddingFile) throws(EmbeddingError) {
        try self.init(Self.path(beside: embeddings.path))
        guard count == embeddings.count else {
            throw EmbeddingError(
                path: embeddings.path,
                problem: "it has \(embeddings.count) rows, but \(file) has \(count) lines; make both anew with embed")
        }
    }

    /// Reads a file of lines `path label`; or of paths only, if the first line has no number at its end.
    package init(_ file: String) throws(EmbeddingError) {
        self.file = file
        let bytes = try MappedFile(file)
        unsafe paths.reserveCapacity(bytes: bytes.bytes.count)
        try unsafe take(bytes.bytes)
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) throws(EmbeddingError) {
        var number = 0
        var start = 0
        while start < bytes.count {
            number += 1
            let end = unsafe bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let line = unsafe Self.trimmedEnd(bytes[start..<end])
            start = end + 1
            if unsafe line.isEmpty {
                guard unsafe bytes[min(start, bytes.count)...].allSatisfy(Self.isBlank) else {
                    throw fault(number, "a blank line before the end")
                }
                return
            }
            let gap = unsafe line.lastIndex(where: Self.isBlank)
            let text = gap.map { unsafe String(decoding: line[($0 + 1)...], as: UTF8.self) }
            let label = text.flatMap(Double.init).flatMap { $0.isFinite ? $0 : nil }
            if number == 1, label == nil { isLabelled = false }
            guard isLabelled else {
                unsafe paths.append(line)
                continue
            }
            guard let gap, let text else { throw fault(number, "no space between path and label") }
            guard let label else { throw fault(number, "the label \"\(text)\" is no number") }
            unsafe paths.append(Self.trimmedEnd(line[..<gap]))
            known.append(label)
        }
    }

    private func fault(_ line: Int, _ problem: String) -> EmbeddingError {
        EmbeddingError(
            path: "\(file):\(line)", problem: "\(problem); expected \"path label\", as in \"images/a.jpg 17\"")
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (9...13).contains(byte)
    }

    private static func trimmedEnd(_ text: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        guard let last = unsafe text.lastIndex(where: { !isBlank($0) }) else { return unsafe text[..<text.startIndex] }
        return unsafe text[...last]
    }
}
