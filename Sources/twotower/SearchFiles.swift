import Foundation
import Tensors
import Training
import Verification

/// The files that `twotower search` writes into its folder, each whole or not at all.
final class SearchFiles {
    let folder: String
    private let ids: Ids
    private let metric: Metric
    private let table: DraftFile

    /// Whose pictures rows are; nil where no ids are beside the embeddings.
    struct Ids {
        let index: EmbeddingIDs?
        let queries: EmbeddingIDs?
    }

    private var json: String { "\(folder)/search.json" }
    private var csv: String { "\(folder)/neighbours.csv" }
    private var page: String { "\(folder)/sheet.html" }

    /// Makes the folder and begins the table, and so finds out before the work whether it can be written.
    init(_ folder: String, ids: Ids, metric: Metric) throws {
        self.folder = folder
        self.ids = ids
        self.metric = metric
        try AtomicFile.makeFolder(of: "\(folder)/search.json")
        table = try DraftFile("\(folder)/neighbours.csv")
        try table.append(Data("query_row,query,rank,index_row,index,distance,relevant\n".utf8))
    }

    /// Adds the first neighbours of a block's queries to the table.
    func append(_ result: SearchResult, neighbours: Int, relevance: Relevance) throws {
        var text = ""
        for (number, query) in result.queries.enumerated() {
            let name = ids.queries.map { Self.field($0.path(query)) } ?? ""
            for (rank, found) in result.neighbours[number].prefix(neighbours).enumerated() {
                let other = ids.index.map { Self.field($0.path(found.row)) } ?? ""
                let distance = metric.distance(square: found.square)
                let isRelevant = relevance.holds(query: query, row: found.row)
                text += "\(query),\(name),\(rank + 1),\(found.row),\(other),\(distance),\(isRelevant ? 1 : 0)\n"
            }
        }
        try table.append(Data(text.utf8))
    }

    /// Writes the figures, the page if there is one, and gives the table its name.
    ///
    /// - Returns: the files' names.
    func finish(_ report: SearchReport, sheet: ContactSheet?) throws -> [String] {
        try table.publish()
        let object = try report.json()
        try AtomicFile.write(to: json) { append in try append(object) }
        guard let sheet else { return [json, csv] }
        let html = Data(sheet.html().utf8)
        try AtomicFile.write(to: page) { append in try append(html) }
        return [json, csv, page]
    }

    /// As RFC 4180 quotes a field of a table.
    private static func field(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
