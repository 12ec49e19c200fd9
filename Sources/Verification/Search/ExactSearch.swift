package import Comm
import Pairs
import Tensors

/// Exact nearest neighbours of every query among the rows of an index, each rank searching its part of the rows.
///
/// Queries are taken in blocks, which all ranks read from the file; of the index a rank reads its own rows only, over and
/// over, and its memory does not grow with either file. Rank zero merges what the ranks have found. The result is the
/// same, digit for digit, for any number of ranks and threads: equally near rows are ordered by their numbers.
package struct ExactSearch {
    private let index: EmbeddingFile
    private let queries: EmbeddingFile
    private let relevance: Relevance
    private let options: SearchOptions
    private let communicator: any Communicator
    private let rows: Range<Int>

    /// Collective; throws `EmbeddingError` where the files don't fit each other or hold what is no number.
    package init(
        index: EmbeddingFile, queries: EmbeddingFile, relevance: Relevance, options: SearchOptions,
        communicator: any Communicator
    ) throws {
        self.index = index
        self.queries = queries
        self.relevance = relevance
        self.options = options
        self.communicator = communicator
        rows = Self.part(index.count, communicator)
        try communicator.together {
            guard index.length == queries.length else {
                throw EmbeddingError(
                    path: queries.path,
                    problem: "its rows have \(queries.length) numbers, where those of \(index.path) have "
                        + "\(index.length); make both with the same net")
            }
            try RowCheck.check(index, rows, options.metric)
            try RowCheck.check(queries, Self.part(queries.count, communicator), options.metric)
        }
    }

    /// Searches, and hands rank zero the results block by block in the order of the queries.
    ///
    /// Collective.
    ///
    /// - Parameters:
    ///   - progress: is told how many queries' work this rank has done.
    ///   - found: is called on rank zero only.
    package func run(progress: (Double) -> Void = { _ in }, _ found: (SearchResult) throws -> Void) throws {
        let shard = ShardSearch(index: index, queries: queries, rows: rows, options: options)
        var next = 0
        while next < queries.count {
            let block = next..<blockEnd(from: next)
            Activity.begin("the search for queries", "\(block)")
            let result = try search(block, shard) {
                progress(Double(block.lowerBound) + $0 * Double(block.count))
            }
            try communicator.together { if let result { try found(result) } }
            next = block.upperBound
        }
    }

    /// nil on other ranks than zero.
    ///
    /// Collective.
    private func search(
        _ block: Range<Int>, _ shard: ShardSearch, progress: (Double) -> Void
    ) throws -> SearchResult? {
        let lists = NeighbourLists(queries: block.count, limit: options.neighbours)
        let counts = try relevantSquares(of: block, shard)
        shard.search(block, lists, counts, progress: progress)
        leaveOutSelf(block, shard, counts)
        var ranks = counts.values
        try communicator.allReduceSum(&ranks)
        let packed = try communicator.gather(communicator.isRankZero ? [] : lists.packed)
        guard communicator.isRankZero else { return nil }
        for other in packed.dropFirst() { lists.merge(packed: other) }
        return SearchResult(
            queries: block, neighbours: (0..<block.count).map { lists[$0] },
            relevant: (0..<block.count).map { query in
                counts.range(query).map { .init(square: counts.squares[$0], rank: Int(ranks[$0])) }
            })
    }

    /// The distances of the rows that the block's queries should find, each computed by the rank that has the row.
    ///
    /// Collective.
    private func relevantSquares(of block: Range<Int>, _ shard: ShardSearch) throws -> RankCounts {
        var starts = [0]
        for query in block { starts.append(starts[query - block.lowerBound] + relevance.count(query)) }
        var squares = [Double](repeating: 0, count: starts[block.count])
        let (relevance, rows, first) = (relevance, rows, block.lowerBound)
        unsafe squares.withParts(starts) { query, squares in
            for (at, row) in relevance.rows(first + query).enumerated() where rows.contains(row) {
                unsafe squares[at] = shard.square(query: first + query, row: row)
            }
        }
        try communicator.allReduceSum(&squares)
        return RankCounts(starts: starts, squares: squares)
    }

    /// Takes the queries themselves out of the counts.
    private func leaveOutSelf(_ block: Range<Int>, _ shard: ShardSearch, _ counts: RankCounts) {
        guard options.excludesSelf else { return }
        for query in block.clamped(to: rows) {
            let number = query - block.lowerBound
            let place = counts.firstPlace(notBelow: shard.square(query: query, row: query), of: number)
            counts.add(-1, from: place, of: number)
        }
    }

    /// The end of the block that starts with a query: so that its results need no more memory than they may.
    private func blockEnd(from start: Int) -> Int {
        let limit = max(1, min(SearchOptions.blockQueries, SearchOptions.blockPlaces / options.neighbours))
        var (end, places) = (start, 0)
        while end < min(start + limit, queries.count) {
            places += relevance.count(end)
            if places > SearchOptions.blockPlaces && end > start { break }
            end += 1
        }
        return end
    }

    /// This rank's part of so many rows, which may be empty.
    private static func part(_ count: Int, _ communicator: any Communicator) -> Range<Int> {
        count * communicator.rank / communicator.size..<count * (communicator.rank + 1) / communicator.size
    }
}
