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

    /// Distances of rows that queries should find, of one block, unless a single query has more.
    private static let blockPlaces = 1 << 22

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
    /// Collective. `found` is called on rank zero only.
    package func run(_ found: (SearchResult) throws -> Void) throws {
        let shard = ShardSearch(index: index, queries: queries, rows: rows, options: options)
        var next = 0
        while next < queries.count {
            let block = next..<blockEnd(from: next)
            let result = try search(block, shard)
            try communicator.together { if let result { try found(result) } }
            next = block.upperBound
        }
    }

    /// nil on other ranks than zero.
    ///
    /// Collective.
    private func search(_ block: Range<Int>, _ shard: ShardSearch) throws -> SearchResult? {
        let lists = NeighbourLists(queries: block.count, limit: options.neighbours)
        let counts = try relevantSquares(of: block, shard)
        shard.search(block, lists, counts)
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
        var squares: [Double] = []
        for query in block {
            for row in relevance.rows(query) {
                squares.append(rows.contains(row) ? shard.square(query: query, row: row) : 0)
            }
            starts.append(squares.count)
        }
        try communicator.allReduceSum(&squares)
        return RankCounts(starts: starts, squares: squares)
    }

    /// Takes the queries themselves out of the counts.
    private func leaveOutSelf(_ block: Range<Int>, _ shard: ShardSearch, _ counts: RankCounts) {
        guard options.excludesSelf else { return }
        for query in block.clamped(to: rows) {
            let square = shard.square(query: query, row: query)
            for place in counts.range(query - block.lowerBound) where square <= counts.squares[place] {
                counts.add(-1, at: place)
            }
        }
    }

    private func blockEnd(from start: Int) -> Int {
        var (end, places) = (start, 0)
        while end < min(start + SearchOptions.blockQueries, queries.count) {
            places += relevance.count(end)
            if places > Self.blockPlaces && end > start { break }
            end += 1
        }
        return end
    }

    /// This rank's part of so many rows, which may be empty.
    private static func part(_ count: Int, _ communicator: any Communicator) -> Range<Int> {
        count * communicator.rank / communicator.size..<count * (communicator.rank + 1) / communicator.size
    }
}
