/// Looks through the distances of one query after the other to some rows of the index.
///
/// Threads may work with it at once, each on queries of its own.
struct QueryScan: @unchecked Sendable {
    private let search: ShardSearch
    private let lists: NeighbourLists
    private let counts: RankCounts
    private let tables: PlaceTables

    /// Up to so many distances of a query are counted by a pass over its values each.
    private static let fewPlaces = 24

    init(search: ShardSearch, lists: NeighbourLists, counts: RankCounts) {
        self.search = search
        self.lists = lists
        self.counts = counts
        tables = PlaceTables(counts)
    }

    /// Whether some query has a table, which should then be used for many values at once.
    var hasTables: Bool { (0..<counts.queries).contains { counts.range($0).count > Self.fewPlaces } }

    /// Makes the tables of those queries that have many distances to count for.
    func prepare(_ queries: Range<Int>) {
        for query in queries where counts.range(query).count > Self.fewPlaces {
            tables.prepare(query, own: search.ownSquare(query))
        }
    }

    /// Takes what there is in a query's distances to rows from one on.
    ///
    /// - Parameter values: the squares of the distances, less the query's own square, wrong by `slack` at most.
    func look(at values: Span<Float>, of query: Int, from first: Int, slack: Float) {
        let own = search.ownSquare(query)
        let asked = search.number(query)
        func exact(_ at: Int) -> Double { search.square(query: asked, row: first + at) }
        func limit() -> Float { Float(lists.limitingSquare(query) - own) + slack }
        var nearest = limit()
        PanelScan.forEach(values, upTo: &nearest) { at, nearest in
            if search.options.excludesSelf && first + at == asked { return }
            lists.insert(Neighbour(square: exact(at), row: first + at), query: query)
            nearest = limit()
        }
        let places = counts.range(query)
        if places.count > Self.fewPlaces {
            count(values, of: query, from: first, slack, exact)
        } else {
            count(values, of: query, own, slack, exact)
        }
    }

    /// Counts the rows for each of many distances: a row that the product leaves open is looked at once more in single
    /// precision, and in double precision only if that leaves it open too.
    private func count(
        _ values: Span<Float>, of query: Int, from first: Int, _ slack: Float, _ exact: (_ at: Int) -> Double
    ) {
        search.withRows(query, first..<first + values.count) { q, rows in
            tables.count(values, of: query, slack: slack) { at, place in
                let near = Double(
                    PanelScan.squaredDifference(q, rows.extracting(at * q.count..<(at + 1) * q.count), factor: 0.5))
                let slack = search.nearSlack(query, near)
                return counts.place(of: query, from: near - slack, to: near + slack, near: place)
                    ?? counts.firstPlace(notBelow: exact(at), of: query)
            }
        }
    }

    /// Counts the rows that are no farther than each of a few distances.
    private func count(
        _ values: Span<Float>, of query: Int, _ own: Double, _ slack: Float, _ exact: (_ at: Int) -> Double
    ) {
        var before = 0
        for (number, place) in counts.range(query).enumerated() {
            let square = counts.squares[place]
            let bound = Float(square - own)
            let (low, high) = (bound - slack, bound + slack)
            let found = PanelScan.count(values, below: low, upTo: high)
            var nearer = found.below
            if found.between > 0 {
                PanelScan.forEach(values, from: low, upTo: high) { at in
                    if exact(at) <= square { nearer += 1 }
                }
            }
            counts.add(nearer - before, from: number, of: query)
            before = nearer
        }
    }
}
