import Foundation
import Verification

/// The files that are searched and what is right for each query.
struct SearchInput {
    let index: EmbeddingFile
    let queries: EmbeddingFile
    let ids: SearchFiles.Ids
    let relevance: Relevance
    let options: SearchOptions

    init(_ command: SearchCommand) throws {
        index = try EmbeddingFile(command.index)
        queries = try EmbeddingFile(command.queries)
        // By position rows are known without ids, which are then nice to have.
        let needsIds = command.match == .label || command.sheet > 0
        ids = .init(index: try Self.ids(of: index, needsIds), queries: try Self.ids(of: queries, needsIds))
        var options = SearchOptions()
        options.metric = command.metric
        options.excludesSelf = command.excludeSelf
        // Recall looks among the first ten.
        options.neighbours = min(index.count, max(command.neighbours, RetrievalFigures.depths.max() ?? 1))
        self.options = options
        if command.match == .position || command.excludeSelf, index.count != queries.count {
            let option = command.excludeSelf ? "--exclude-self" : "--match position"
            throw EmbeddingError(
                path: queries.path,
                problem: "it has \(queries.count) rows and \(index.path) has \(index.count); \(option) needs as many")
        }
        switch command.match {
        case .position: relevance = .samePosition
        case .nothing: relevance = .nothing
        case .label:
            relevance = Relevance(
                indexLabels: try Self.labels(ids.index), queryLabels: try Self.labels(ids.queries),
                excludesSelf: command.excludeSelf)
        }
    }

    func sheet(of command: SearchCommand) -> SearchSheet? {
        guard command.sheet > 0, let index = ids.index, let queries = ids.queries else { return nil }
        return SearchSheet(
            queries: command.sheet, neighbours: command.neighbours, ids: (index, queries),
            rootFolder: command.rootFolder, metric: command.metric)
    }

    private static func labels(_ ids: EmbeddingIDs?) throws -> [Double] {
        guard let ids else { preconditionFailure("labels are needed, and no ids were read") }
        guard let labels = ids.labels else {
            throw EmbeddingError(
                path: ids.file,
                problem: "it has no labels, so nothing says which rows a query should find; embed a list of lines "
                    + "\"path number\", or give --match position, or --match nothing for neighbours without figures")
        }
        return labels
    }

    private static func ids(of file: EmbeddingFile, _ isNeeded: Bool) throws -> EmbeddingIDs? {
        let path = EmbeddingIDs.path(beside: file.path)
        guard isNeeded || FileManager.default.fileExists(atPath: path) else { return nil }
        return try EmbeddingIDs(beside: file)
    }
}
