import Pairs
import Verification

/// Collects what the first queries have found, as pictures for the contact sheet.
struct SearchSheet {
    /// How many queries, with how many neighbours each.
    let queries: Int
    let neighbours: Int
    let ids: (index: EmbeddingIDs, queries: EmbeddingIDs)
    let rootFolder: String
    let metric: Metric
    private let thumbnailer = Thumbnailer()
    private var shown: [ContactSheet.Query] = []

    init(
        queries: Int, neighbours: Int, ids: (index: EmbeddingIDs, queries: EmbeddingIDs), rootFolder: String,
        metric: Metric
    ) {
        self.queries = queries
        self.neighbours = neighbours
        self.ids = ids
        self.rootFolder = rootFolder
        self.metric = metric
    }

    mutating func add(_ result: SearchResult, _ relevance: Relevance) {
        for (number, query) in result.queries.enumerated() where shown.count < queries {
            let hits = result.neighbours[number].prefix(neighbours).map { found in
                let path = ids.index.path(found.row)
                return ContactSheet.Hit(
                    picture: thumbnail(path), name: path, distance: Double(metric.distance(square: found.square)),
                    isRight: result.relevant[number].isEmpty ? nil : relevance.holds(query: query, row: found.row))
            }
            let path = ids.queries.path(query)
            shown.append(.init(picture: thumbnail(path), name: path, hits: hits))
        }
    }

    /// The page.
    func sheet(_ report: SearchReport) -> ContactSheet {
        var sheet = ContactSheet(
            title: "Search", subtitle: "the first \(shown.count) of \(report.queryRows) queries from \(report.queries)")
        sheet.facts = [
            ("index", "\(report.index): \(report.indexRows) rows of \(report.length)"),
            ("queries", "\(report.queries): \(report.queryRows) rows"),
            ("distance", report.metric),
        ]
        sheet.queries = shown
        if report.match == .nothing { return sheet }
        sheet.facts += [
            ("right is", "the same \(report.match.rawValue)"),
            ("queries left out", "\(report.queriesWithoutRelevant), for which the index has nothing to find"),
        ]
        let meanings = [
            "queries with a right row first", "queries with a right row among the first 5",
            "queries with a right row among the first 10", "over all right rows in the whole ranking",
        ]
        sheet.figures = zip(report.figures, meanings).map { figure, meaning in
            .init(figure.name, figure.value, meaning: meaning, isKey: true)
        }
        return sheet
    }

    private func thumbnail(_ path: String) -> Thumbnail { thumbnailer.thumbnail(of: rootFolder + path) }
}
