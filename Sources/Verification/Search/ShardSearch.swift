import Tensors

/// Searches one rank's rows of an index exactly: matrix products find what may be near, sums in double precision decide.
///
/// ‖q − x‖² = ‖q‖² + ‖x‖² − 2 q·x with single-precision products is wrong by at most a known bound. What it leaves open
/// is computed from the difference itself, so the result does not depend on blocks, threads or shards.
@safe final class ShardSearch {
    private let index: EmbeddingFile
    private let queries: EmbeddingFile
    private let rows: Range<Int>
    private let options: SearchOptions
    private let origin: [Float]
    private let panel: RowPanel
    private let block: RowPanel
    private let products: [FloatStorage]

    /// Rows of the index, and queries of a thread, that are multiplied at once: the product stays in the cache.
    private static let panelRows = 1024
    private static let tileQueries = 256
    /// Up to so many distances of a query are counted by a pass over its products each.
    private static let fewPlaces = 8

    /// - Parameter rows: this rank's of the index.
    init(index: EmbeddingFile, queries: EmbeddingFile, rows: Range<Int>, options: SearchOptions) {
        precondition(index.length == queries.length, "rows of \(index.length) and \(queries.length) numbers")
        self.index = index
        self.queries = queries
        self.rows = rows
        self.options = options
        origin = Self.origin(of: index, options.metric)
        panel = RowPanel(capacity: min(Self.panelRows, max(1, rows.count)), length: index.length)
        block = RowPanel(capacity: min(SearchOptions.blockQueries, queries.count), length: index.length)
        products = (0..<Threads.count).map { _ in FloatStorage(count: Self.tileQueries * Self.panelRows) }
    }

    /// Finds the nearest rows of a block of queries, and counts the rows that are no farther than the distances given.
    func search(_ range: Range<Int>, _ lists: NeighbourLists, _ counts: RankCounts) {
        block.load(queries, range, origin: origin, metric: options.metric, factor: -2)
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.panelRows) {
            panel.load(
                index, start..<min(start + Self.panelRows, rows.upperBound), origin: origin, metric: options.metric)
            let scan = Scan(search: self, lists: lists, counts: counts)
            let parts = Threads.count
            Threads.parallel(parts, grain: 1) { numbers in
                for number in numbers {
                    scan.run(range.count * number / parts..<range.count * (number + 1) / parts, thread: number)
                }
            }
            Activity.tick()
        }
    }

    /// The square of the distance of a query and a row of the index, as it counts.
    func square(query: Int, row: Int) -> Double {
        queries.withRows(query..<query + 1) { query in
            index.withRows(row..<row + 1) { row in options.metric.square(query, row) }
        }
    }

    /// What one thread does with the panel.
    private struct Scan: @unchecked Sendable {
        let search: ShardSearch
        let lists: NeighbourLists
        let counts: RankCounts

        /// Multiplies and looks through some queries of the block.
        func run(_ range: Range<Int>, thread: Int) {
            for start in stride(from: range.lowerBound, to: range.upperBound, by: ShardSearch.tileQueries) {
                let tile = start..<min(start + ShardSearch.tileQueries, range.upperBound)
                search.products[thread].withMutableSpan { products in
                    search.multiply(tile, &products)
                    let width = search.panel.rows.count
                    for query in tile {
                        var values = products._mutatingExtracting(
                            (query - start) * width..<(query - start + 1) * width)
                        search.panel.withSquares { PanelScan.complete(&values, squares: $0) }
                        look(at: values.span, of: query)
                    }
                }
            }
        }

        /// - Parameter values: the squares of the distances of a query to the panel's rows, less the query's own square.
        private func look(at values: Span<Float>, of query: Int) {
            let own = Double(search.block.square(query))
            let slack = search.slack(query)
            let asked = search.block.rows.lowerBound + query
            func limit() -> Float { Float(lists.limitingSquare(query) - own) + slack }
            var nearest = limit()
            PanelScan.forEach(values, upTo: &nearest) { place, nearest in
                let row = search.panel.rows.lowerBound + place
                if search.options.excludesSelf && row == asked { return }
                lists.insert(Neighbour(square: search.square(query: asked, row: row), row: row), query: query)
                nearest = limit()
            }
            let places = counts.range(query)
            if places.count <= ShardSearch.fewPlaces {
                for place in places { count(values, of: query, place, own, slack) }
            } else if let last = places.last {
                var farthest = Float(counts.squares[last] - own) + slack
                PanelScan.forEach(values, upTo: &farthest) { place, _ in
                    rank(Double(values[place]) + own, place, of: query, slack: Double(slack))
                }
            }
        }

        /// Counts the rows that are no farther than one distance.
        private func count(_ values: Span<Float>, of query: Int, _ place: Int, _ own: Double, _ slack: Float) {
            let square = counts.squares[place]
            let bound = Float(square - own)
            let (low, high) = (bound - slack, bound + slack)
            let found = PanelScan.count(values, below: low, upTo: high)
            var nearer = found.below
            if found.between > 0 {
                var limit = high
                PanelScan.forEach(values, upTo: &limit) { at, _ in
                    if values[at] >= low, exact(query, at) <= square { nearer += 1 }
                }
            }
            counts.add(nearer, at: place)
        }

        /// Counts one row for those of many distances that it is no farther than.
        private func rank(_ square: Double, _ at: Int, of query: Int, slack: Double) {
            var place = counts.firstPlace(notBelow: square - slack, query: query)
            if place != counts.firstPlace(notBelow: square + slack, query: query) {
                place = counts.firstPlace(notBelow: exact(query, at), query: query)
            }
            if place < counts.range(query).upperBound { counts.add(from: place) }
        }

        private func exact(_ query: Int, _ place: Int) -> Double {
            search.square(query: search.block.rows.lowerBound + query, row: search.panel.rows.lowerBound + place)
        }
    }

    /// −2 q·x of some queries of the block with all rows of the panel.
    private func multiply(_ tile: Range<Int>, _ products: inout MutableSpan<Float>) {
        let (width, length) = (panel.rows.count, index.length)
        block.withValues(tile) { queries in
            panel.withValues(0..<width) { rows in
                var products = products._mutatingExtracting(0..<tile.count * width)
                Gemm.multiplyOnThisThread(
                    transposeB: true, m: tile.count, n: width, k: length, a: queries, lda: length, b: rows, ldb: length,
                    c: &products)
            }
        }
    }

    /// A bound of how wrong the square of a query's distance to any row of the panel is.
    ///
    /// Each of d products and sums, in whatever order, is wrong by 2⁻²⁴ of its size at most, and all of them are no larger
    /// than ‖q‖² + ‖x‖² together (Higham, "Accuracy and Stability of Numerical Algorithms", section 3.1); sixteen more
    /// are for the move to the origin, the squares and the comparison.
    private func slack(_ query: Int) -> Float {
        let size = block.square(query) + panel.largestSquare
        return Float(index.length + 16) * (0x1p-24 * size + 8 * .leastNormalMagnitude)
    }

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
