import Comm
import TestSupport
import Verification

/// An index and queries as files, and what plain loops find in them.
final class SearchData: Sendable {
    private let scratch: ScratchDirectory
    let index: EmbeddingFile
    let queries: EmbeddingFile

    init(index: [[Float]], queries: [[Float]]) throws {
        scratch = try ScratchDirectory("search")
        for (name, rows) in [("index", index), ("queries", queries)] {
            let writer = try EmbeddingWriter(scratch.file("\(name).npy"), count: rows.count, length: rows[0].count)
            try writer.append(rows: rows.flatMap(\.self))
            try writer.finish()
        }
        self.index = try EmbeddingFile(scratch.file("index.npy"))
        self.queries = try EmbeddingFile(scratch.file("queries.npy"))
    }

    /// Rows of small whole numbers, so that many are equal and more equally far, moved by a constant.
    static func rows(_ count: Int, length: Int, step: Int, away: Float = 0) -> [[Float]] {
        (0..<count).map { row in
            (0..<length).map { Float(((row * step + 3) * (11 + 7 * $0 * $0)) % 5) / 8 + away }
        }
    }

    func search(
        _ options: SearchOptions, _ relevance: Relevance, ranks: Int = 1
    ) throws -> (results: [SearchResult], figures: RetrievalFigures) {
        let found = try ThreadCommunicator.run(ranks) { [self] communicator in
            var (results, figures) = ([SearchResult](), RetrievalFigures())
            let search = try ExactSearch(
                index: index, queries: queries, relevance: relevance, options: options, communicator: communicator)
            try search.run { result in
                results.append(result)
                figures.add(result, relevance)
            }
            return (results, figures)
        }
        return found[0]
    }

    /// All rows of the index as a query's neighbours, in order.
    func ranking(_ query: Int, cosine: Bool, excludesSelf: Bool) -> [Neighbour] {
        let q = queries.array(query..<query + 1).map(Double.init)
        return (0..<index.count).filter { !excludesSelf || $0 != query }.map { row in
            let x = index.array(row..<row + 1).map(Double.init)
            func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
            let square =
                cosine
                ? 2 - 2 * dot(q, x) / (dot(q, q) * dot(x, x)).squareRoot()
                : zip(q, x).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            return Neighbour(square: square, row: row)
        }.sorted()
    }
}
