/// Which rows of an index a query should find.
package struct Relevance: Sendable {
    package enum Match: String, Codable, Sendable, CaseIterable {
        /// Rows with the query's label: pictures of the same identity.
        case label
        /// The row with the query's number: the other side of the same pair.
        case position
        /// None: neighbours are wanted, and nothing is judged.
        case nothing
    }

    private let match: Match
    /// Where the query itself is left out: row i for query i.
    private let excludesSelf: Bool
    private let indexLabels: [Double]
    private let queryLabels: [Double]
    /// All rows of the index, ordered by label, and where each label's are.
    private var rows: [Int] = []
    private var places: [Double: Range<Int>] = [:]

    /// A query finds the row with its number.
    package static let samePosition = Relevance(.position)
    /// No query should find anything.
    package static let nothing = Relevance(.nothing)

    private init(_ match: Match) {
        self.match = match
        excludesSelf = false
        indexLabels = []
        queryLabels = []
    }

    /// A query finds the rows with its label.
    package init(indexLabels: [Double], queryLabels: [Double], excludesSelf: Bool) {
        match = .label
        self.excludesSelf = excludesSelf
        self.indexLabels = indexLabels
        self.queryLabels = queryLabels
        rows = indexLabels.indices.sorted { (indexLabels[$0], $0) < (indexLabels[$1], $1) }
        var start = 0
        for end in 1...max(1, rows.count) where end <= rows.count {
            if end < rows.count, indexLabels[rows[end]] == indexLabels[rows[start]] { continue }
            places[indexLabels[rows[start]]] = start..<end
            start = end
        }
    }

    /// How many rows a query should find.
    func count(_ query: Int) -> Int {
        guard match == .label else { return match == .position ? 1 : 0 }
        let all = places[queryLabels[query]]?.count ?? 0
        return isSelfRelevant(query) ? all - 1 : all
    }

    /// The rows that a query should find, in ascending order.
    func rows(_ query: Int) -> [Int] {
        guard match == .label else { return match == .position ? [query] : [] }
        guard let range = places[queryLabels[query]] else { return [] }
        return excludesSelf ? rows[range].filter { $0 != query } : Array(rows[range])
    }

    /// Whether a query should find this row.
    package func holds(query: Int, row: Int) -> Bool {
        guard match == .label else { return match == .position && row == query }
        return queryLabels[query] == indexLabels[row] && !(excludesSelf && row == query)
    }

    private func isSelfRelevant(_ query: Int) -> Bool {
        excludesSelf && query < indexLabels.count && indexLabels[query] == queryLabels[query]
    }
}
