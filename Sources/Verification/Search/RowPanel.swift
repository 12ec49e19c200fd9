import Tensors

/// Some rows made ready for a matrix product: moved so that the origin lies among them, with the squares of their lengths.
///
/// Distances do not change by the move, but what cancels out of them becomes small. With the cosine metric rows first
/// get the length one.
@safe final class RowPanel: @unchecked Sendable {
    private let length: Int
    private let values: FloatStorage
    private let squares: FloatStorage
    /// The rows that it holds now.
    private(set) var rows = 0..<0
    /// The largest square of a length.
    private(set) var largestSquare: Float = 0

    init(capacity: Int, length: Int) {
        self.length = length
        values = FloatStorage(count: capacity * length)
        squares = FloatStorage(count: capacity)
    }

    /// Takes rows of a file, each less the `origin` and times `factor`, on all threads; the squares are without the factor.
    func load(_ file: EmbeddingFile, _ rows: Range<Int>, origin: [Float], metric: Metric, factor: Float = 1) {
        self.rows = rows
        let length = length
        let (values, squares) = (Places(values), Places(squares))
        Threads.parallel(rows.count, grain: max(1, (1 << 15) / length)) { part in
            file.withRows(rows.lowerBound + part.lowerBound..<rows.lowerBound + part.upperBound) { source in
                for (number, row) in part.enumerated() {
                    let from = source.extracting(number * length..<(number + 1) * length)
                    let scale = metric == .cosine ? 1 / BLAS.sumOfSquares(from).squareRoot() : 1
                    var sum = 0.0
                    for at in 0..<length {
                        let moved = Float(Double(from[at]) * scale - Double(origin[at]))
                        sum += Double(moved) * Double(moved)
                        unsafe values.start[row * length + at] = moved * factor
                    }
                    unsafe squares.start[row] = Float(sum)
                }
            }
        }
        largestSquare = (0..<rows.count).reduce(0) { unsafe max($0, squares.start[$1]) }
    }

    /// The square of the length of a row; the first of the panel is 0.
    func square(_ row: Int) -> Float { unsafe squares.pointer[row] }

    func withValues<R>(_ rows: Range<Int>, _ body: (Span<Float>) -> R) -> R {
        values.withSpan { body($0.extracting(rows.lowerBound * length..<rows.upperBound * length)) }
    }

    func withSquares<R>(_ rows: Range<Int>, _ body: (Span<Float>) -> R) -> R {
        squares.withSpan { body($0.extracting(rows)) }
    }

    /// For threads that write to places of their own.
    @safe private struct Places: @unchecked Sendable {
        let start: UnsafeMutablePointer<Float>

        init(_ storage: FloatStorage) { unsafe start = storage.pointer }
    }
}
