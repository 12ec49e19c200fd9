/// How well queries find what they should: Recall@k and mean average precision.
package struct RetrievalFigures: Equatable, Sendable {
    /// Recall is counted among so many first neighbours.
    package static let depths = [1, 5, 10]

    /// Queries that have something to find: the figures are of these.
    package private(set) var queries = 0
    /// Queries for which the index has no relevant row, which are left out.
    package private(set) var queriesWithoutRelevant = 0
    private var hits = [Int](repeating: 0, count: depths.count)
    private var precisions = 0.0

    package init() {}

    /// Counts a block of results, whose lists have as many neighbours as the largest depth, where there are as many.
    package mutating func add(_ result: SearchResult, _ relevance: Relevance) {
        for (number, query) in result.queries.enumerated() {
            let places = result.relevant[number]
            guard !places.isEmpty else {
                queriesWithoutRelevant += 1
                continue
            }
            queries += 1
            precisions += Self.averagePrecision(places)
            let first = result.neighbours[number].firstIndex { relevance.holds(query: query, row: $0.row) }
            for (at, depth) in Self.depths.enumerated() where first.map({ $0 < depth }) == true { hits[at] += 1 }
        }
    }

    /// The share of queries with a relevant row among their first k neighbours, for each of `depths`; nil without queries.
    package var recall: [Double]? { queries == 0 ? nil : hits.map { Double($0) / Double(queries) } }

    /// The mean of the queries' average precisions; nil without queries.
    package var meanAveragePrecision: Double? { queries == 0 ? nil : precisions / Double(queries) }

    /// The mean over relevant rows of the share of relevant ones among all that are no farther; ties are taken together,
    /// as scikit-learn's average_precision_score does.
    static func averagePrecision(_ places: [SearchResult.Place]) -> Double {
        var sum = 0.0
        var start = 0
        while start < places.count {
            let end = places[start...].firstIndex { $0.square > places[start].square } ?? places.count
            sum += Double(end - start) * Double(end) / Double(places[start].rank)
            start = end
        }
        return sum / Double(places.count)
    }
}
