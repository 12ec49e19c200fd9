import Tensors

/// Looks for rows of embeddings that have no distance.
enum RowCheck {
    /// Throws for the first of some rows that can't be searched: not finite, too large to be squared, or without a
    /// direction where the metric asks for one.
    static func check(_ file: EmbeddingFile, _ rows: Range<Int>, _ metric: Metric) throws(EmbeddingError) {
        for row in rows {
            let square = file.withRows(row..<row + 1) { BLAS.sumOfSquares($0) }
            func fault(_ problem: String) -> EmbeddingError {
                EmbeddingError(path: file.path, problem: "row \(row) (the first is 0) \(problem)")
            }
            guard square.isFinite else { throw fault("holds what is no finite number; look at the net's weights") }
            guard square < Self.limit else { throw fault("is too long: its squares add up to \(Float(square))") }
            guard metric != .cosine || square > 0 else {
                throw fault("is zero and has no direction; search by the Euclidean metric")
            }
            if row.isMultiple(of: 1024) { Activity.tick() }
        }
    }

    /// So that sums of squares of differences stay finite in single precision.
    private static let limit = Double(Float.greatestFiniteMagnitude) / 64
}
