/// Embeddings as rows of the same length, one after the other.
package struct EmbeddingRows: Equatable, Sendable {
    package let length: Int
    package private(set) var values: [Float]

    package init(_ values: [Float], length: Int) {
        precondition(length > 0 && values.count % length == 0, "\(values.count) floats in rows of \(length)")
        self.length = length
        self.values = values
    }

    package init(length: Int) { self.init([], length: length) }

    package var count: Int { values.count / length }

    package subscript(_ row: Int) -> ArraySlice<Float> { values[row * length..<(row + 1) * length] }

    package mutating func append(_ row: some Collection<Float>) {
        precondition(row.count == length, "a row of \(row.count) floats among rows of \(length)")
        values.append(contentsOf: row)
    }

    package mutating func append(contentsOf other: EmbeddingRows) {
        precondition(other.length == length, "rows of \(other.length) floats among rows of \(length)")
        values.append(contentsOf: other.values)
    }

    /// These rows, in this order.
    package func rows(_ picked: some Sequence<Int>) -> EmbeddingRows {
        picked.reduce(into: EmbeddingRows(length: length)) { $0.append(self[$1]) }
    }

    /// Row by row this minus the other.
    package func minus(_ other: EmbeddingRows) -> EmbeddingRows {
        precondition(length == other.length && count == other.count, "differences of unequal rows")
        return EmbeddingRows(zip(values, other.values).map { $0 - $1 }, length: length)
    }

    var areFinite: Bool { values.allSatisfy(\.isFinite) }
}
