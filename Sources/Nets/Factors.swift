package import Tensors

/// The gradient of an inner product's weights as the two matrices whose product it is: G = Lᵀ·R, a row a sample.
///
/// L has a column for each row of the weights, R one for each of their columns: ∂Y and X, or X and ∂Y where the weights are
/// kept transposed. Rows are those of the global batch, in its order; backward writes this shard's, an exchange the others'.
/// An iteration is a sequence of blocks: one for each use of the weights (two where towers share them) and sub-batch. Where a
/// batch comes in pieces, each pass brings a piece of every block.
package final class Factors {
    /// Columns of L and R: rows and columns of the weights.
    package let leftWidth: Int
    package let rightWidth: Int
    package let blocks: Int
    /// Rows of a block, over all ranks.
    package let blockRows: Int
    /// This rank's rows of a block.
    package let shard: Range<Int>
    /// In how many passes this rank's rows of a block come.
    package let pieces: Int
    package let left: FloatStorage
    package let right: FloatStorage
    private let backend: Gemm.Backend
    private let precision: Precision
    private var written = 0

    /// - Parameters:
    ///   - rows: Rows of a block over all ranks.
    ///   - shard: Those of this rank.
    ///   - pieces: In how many passes those come.
    ///   - backend: Who multiplies.
    ///   - precision: In what.
    package init(
        leftWidth: Int, rightWidth: Int, blocks: Int, rows: Int, shard: Range<Int>, pieces: Int = 1,
        backend: Gemm.Backend = .openBLAS, precision: Precision = .float32
    ) {
        precondition(shard.lowerBound >= 0 && shard.upperBound <= rows, "rows \(shard) of \(rows)")
        precondition(shard.count.isMultiple(of: pieces), "rows \(shard) in \(pieces) pieces")
        self.leftWidth = leftWidth
        self.rightWidth = rightWidth
        self.blocks = blocks
        blockRows = rows
        self.shard = shard
        self.pieces = pieces
        self.backend = backend
        self.precision = precision
        left = FloatStorage(count: blocks * rows * leftWidth)
        right = FloatStorage(count: blocks * rows * rightWidth)
    }

    /// Rows of all blocks.
    package var rows: Int { blocks * blockRows }

    /// Whether all blocks of this iteration are there (of this shard).
    package var isComplete: Bool { written == blocks * pieces }

    /// The next block's rows of this shard, or of the next piece of it.
    func append(left newLeft: Span<Float>, right newRight: Span<Float>) {
        precondition(!isComplete, "more than \(blocks * pieces) uses of the weights in an iteration")
        let count = shard.count / pieces
        let (piece, block) = written.quotientAndRemainder(dividingBy: blocks)
        let first = block * blockRows + shard.lowerBound + piece * count
        Self.copy(newLeft, to: left, at: first * leftWidth, count: count * leftWidth)
        Self.copy(newRight, to: right, at: first * rightWidth, count: count * rightWidth)
        written += 1
    }

    func clear() { written = 0 }

    private static func copy(_ values: Span<Float>, to storage: FloatStorage, at start: Int, count: Int) {
        precondition(values.count == count, "\(values.count) values for \(count) of a shard")
        storage.withMutableSpan { target in
            var part = target._mutatingExtracting(start..<start + count)
            for index in values.indices { part[index] = values[index] }
        }
    }

    // MARK: The gradient

    /// Writes some rows of the gradient.
    ///
    /// Single-threaded, so that each thread can make rows and use them while they are in its cache.
    package func gradient(ofRows range: Range<Int>, into rows: inout MutableSpan<Float>) {
        left.withSpan { left in
            right.withSpan { right in
                Gemm.multiplyOnThisThread(
                    transposeA: true, m: range.count, n: rightWidth, k: self.rows,
                    a: left.extracting(range.lowerBound...), lda: leftWidth, b: right, ldb: rightWidth, c: &rows,
                    backend: backend, precision: precision)
            }
        }
    }

    /// The sum of squares of the gradient, from its factors: Σ (L·Lᵀ)∘(R·Rᵀ), two small matrices.
    package func sumOfSquares() -> Double {
        let (a, b) = (Self.inner(left, rows: rows, width: leftWidth), Self.inner(right, rows: rows, width: rightWidth))
        var sum = 0.0
        a.withSpan { a in
            b.withSpan { b in
                for index in a.indices { sum += Double(a[index]) * Double(b[index]) }
            }
        }
        return max(sum, 0)
    }

    private static func inner(_ matrix: FloatStorage, rows: Int, width: Int) -> FloatStorage {
        let product = FloatStorage(count: rows * rows)
        matrix.withSpan { matrix in
            product.withMutableSpan { product in
                Gemm.multiply(transposeB: true, m: rows, n: rows, k: width, a: matrix, b: matrix, c: &product)
            }
        }
        return product
    }

    /// Adds up the rows of L: the gradient of the bias beside weights whose L is ∂Y.
    ///
    /// Likewise of R.
    package func sumOfRows(ofLeft: Bool, into sums: inout MutableSpan<Float>) {
        let (matrix, width) = ofLeft ? (left, leftWidth) : (right, rightWidth)
        precondition(sums.count == width, "\(sums.count) sums of \(width) columns")
        for column in sums.indices { sums[column] = 0 }
        matrix.withSpan { matrix in
            for start in stride(from: 0, to: rows * width, by: width) {
                for column in 0..<width { sums[column] += matrix[start + column] }
            }
        }
    }
}
