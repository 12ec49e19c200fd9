import Synchronization
import Tensors

/// Searches one rank's rows of an index exactly: matrix products find what may be near, sums in double precision decide.
///
/// ‖q − x‖² = ‖q‖² + ‖x‖² − 2 q·x with single-precision products is wrong by at most a known bound. What it leaves open
/// is computed from the difference itself, so the result does not depend on blocks, threads or shards.
///
/// Threads may ask it for squares at once.
@safe final class ShardSearch: @unchecked Sendable {
    private let index: EmbeddingFile
    private let queries: EmbeddingFile
    private let rows: Range<Int>
    let options: SearchOptions
    private let origin: [Float]
    private let panel: RowPanel
    private let block: RowPanel
    private let panelRows: Int
    private let products: [FloatStorage]

    /// Floats of the index's rows that all threads work on at once: they stay in the cache that threads share.
    private static let panelFloats = 1 << 19
    /// Rows of it, at most.
    private static let panelRows = 4096
    /// The product of some queries with some rows of the panel that a thread makes at once: it stays in the cache too.
    private static let tileFloats = 1 << 18
    /// Queries of a tile; fewer where each uses a table, whose way into the cache then serves more rows.
    private static let (tileQueries, tableQueries) = (256, 64)

    /// - Parameter rows: this rank's of the index.
    init(index: EmbeddingFile, queries: EmbeddingFile, rows: Range<Int>, options: SearchOptions) {
        precondition(index.length == queries.length, "rows of \(index.length) and \(queries.length) numbers")
        self.index = index
        self.queries = queries
        self.rows = rows
        self.options = options
        origin = Self.origin(of: index, options.metric)
        panelRows = min(max(256, min(Self.panelFloats / index.length, Self.panelRows)), max(1, rows.count))
        panel = RowPanel(capacity: panelRows, length: index.length)
        block = RowPanel(capacity: min(SearchOptions.blockQueries, queries.count), length: index.length)
        products = (0..<Threads.count).map { _ in FloatStorage(count: Self.tileFloats) }
    }

    /// Finds the nearest rows of a block of queries, and counts the rows that are no farther than the distances given.
    ///
    /// - Parameter progress: is told the share that is done.
    func search(
        _ range: Range<Int>, _ lists: NeighbourLists, _ counts: RankCounts, progress: (Double) -> Void = { _ in }
    ) {
        block.load(queries, range, origin: origin, metric: options.metric, factor: -2)
        let scan = QueryScan(search: self, lists: lists, counts: counts)
        Threads.parallel(range.count, grain: 64) { scan.prepare($0) }
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: panelRows) {
            let end = min(start + panelRows, rows.upperBound)
            panel.load(index, start..<end, origin: origin, metric: options.metric)
            scanPanel(scan)
            Activity.tick()
            progress(Double(end - rows.lowerBound) / Double(rows.count))
        }
    }

    /// All queries of the block with all rows of the panel: each thread takes the next few queries when it is done with
    /// the ones before, so that none waits for one that another program holds up.
    private func scanPanel(_ scan: QueryScan) {
        let size = scan.hasTables ? Self.tableQueries : Self.tileQueries
        let tiles = (block.rows.count + size - 1) / size
        let next = Atomic(0)
        Threads.parallel(min(Threads.count, tiles), grain: 1) { threads in
            for thread in threads {
                while true {
                    let tile = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard tile < tiles else { break }
                    let start = tile * size
                    scanTile(start..<min(start + size, block.rows.count), scan, products[thread])
                }
            }
        }
    }

    private func scanTile(_ queries: Range<Int>, _ scan: QueryScan, _ products: FloatStorage) {
        let size = Self.tileFloats / queries.count
        for start in stride(from: 0, to: panel.rows.count, by: size) {
            let rows = start..<min(start + size, panel.rows.count)
            products.withMutableSpan { products in
                multiply(queries, rows, &products)
                for (number, query) in queries.enumerated() {
                    let values = products.span.extracting(number * rows.count..<(number + 1) * rows.count)
                    scan.look(at: values, of: query, from: panel.rows.lowerBound + start, slack: slack(query))
                }
            }
        }
    }

    /// The square of the distance of a query and a row of the index, as it counts.
    func square(query: Int, row: Int) -> Double {
        queries.withRows(query..<query + 1) { query in
            index.withRows(row..<row + 1) { row in options.metric.square(query, row) }
        }
    }

    /// ‖x‖² − 2 q·x of some queries of the block with some rows of the panel.
    private func multiply(_ queries: Range<Int>, _ rows: Range<Int>, _ products: inout MutableSpan<Float>) {
        let (count, width, length) = (queries.count, rows.count, index.length)
        panel.withSquares(rows) { squares in
            for query in 0..<count {
                var row = products._mutatingExtracting(query * width..<(query + 1) * width)
                for at in 0..<width { row[at] = squares[at] }
            }
        }
        block.withValues(queries) { queries in
            panel.withValues(rows) { rows in
                Gemm.multiplyOnThisThread(
                    transposeB: true, m: count, n: width, k: length, a: queries, lda: length, b: rows,
                    ldb: length, beta: 1, c: &products)
            }
        }
    }

    /// A bound of how wrong ‖x‖² − 2 q·x is for a query and any row of the panel.
    ///
    /// Each of d + 1 products and sums, in whatever order, is wrong by 2⁻²⁴ of its size at most, and all of them are no
    /// larger than ‖q‖² + 2 ‖x‖² together (Higham, "Accuracy and Stability of Numerical Algorithms", section 3.1); fifteen
    /// more are for the move to the origin, the squares and the comparison.
    private func slack(_ query: Int) -> Float {
        let size = block.square(query) + 2 * panel.largestSquare
        return Float(index.length + 16) * (0x1p-24 * size + 8 * .leastNormalMagnitude)
    }

    /// Lends a query of the block, times −2, and rows of the panel, all less the origin.
    func withRows(_ query: Int, _ rows: Range<Int>, _ body: (_ query: Span<Float>, _ rows: Span<Float>) -> Void) {
        let first = panel.rows.lowerBound
        block.withValues(query..<query + 1) { query in
            panel.withValues(rows.lowerBound - first..<rows.upperBound - first) { rows in body(query, rows) }
        }
    }

    /// A bound of how wrong the square of a query's distance to a row of the panel is in single precision by way of the
    /// difference of both, as `PanelScan.squaredDifference` has it.
    ///
    /// It grows with the square itself: by three roundings and by the longest way of a square through the sums, of which
    /// there are sixteen, added up one after the other, and those that are left over. What the move has cost both rows is no more than twice the sum of
    /// their squares, and the square once more.
    func nearSlack(_ query: Int, _ near: Double) -> Double {
        let size = Double(block.square(query) + panel.largestSquare) + 8 * Double(Float.leastNormalMagnitude)
        return 0x1p-24 * (Double(index.length / 16 + index.length % 16 + 20) * near + 3 * size)
    }

    /// The square of the length of a query of the block as it is multiplied.
    func ownSquare(_ query: Int) -> Double { Double(block.square(query)) }

    /// The number among all queries of one of the block.
    func number(_ query: Int) -> Int { block.rows.lowerBound + query }

    /// A point among the rows: the mean of the first few thousand.
    private static func origin(of file: EmbeddingFile, _ metric: Metric) -> [Float] {
        let count = min(file.count, 4096)
        var sums = [Double](repeating: 0, count: file.length)
        for row in 0..<count {
            file.withRows(row..<row + 1) { row in
                let scale = metric == .cosine ? 1 / BLAS.sumOfSquares(row).squareRoot() : 1
                for at in 0..<row.count { sums[at] += Double(row[at]) * scale }
            }
        }
        return sums.map { Float($0 / Double(count)) }
    }
}
