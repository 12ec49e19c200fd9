import Foundation
import Verification

/// What a search has come to.
struct SearchReport: Encodable {
    let index: String
    let queries: String
    let indexRows: Int
    let queryRows: Int
    let length: Int
    let metric: String
    let match: Relevance.Match
    let excludesSelf: Bool
    /// Queries that have something to find: the figures are of these.
    let judgedQueries: Int
    let queriesWithoutRelevant: Int
    let recallAt1: Double?
    let recallAt5: Double?
    let recallAt10: Double?
    let meanAveragePrecision: Double?

    init(
        index: EmbeddingFile, queries: EmbeddingFile, options: SearchOptions, match: Relevance.Match,
        figures: RetrievalFigures
    ) {
        self.index = index.path
        self.queries = queries.path
        indexRows = index.count
        queryRows = queries.count
        length = index.length
        metric = options.metric.rawValue
        self.match = match
        excludesSelf = options.excludesSelf
        judgedQueries = figures.queries
        queriesWithoutRelevant = figures.queriesWithoutRelevant
        recallAt1 = figures.recall?[0]
        recallAt5 = figures.recall?[1]
        recallAt10 = figures.recall?[2]
        meanAveragePrecision = figures.meanAveragePrecision
    }

    /// The figures with their names.
    var figures: [(name: String, value: Double?)] {
        [
            ("Recall@1", recallAt1), ("Recall@5", recallAt5), ("Recall@10", recallAt10),
            ("mean average precision", meanAveragePrecision),
        ]
    }

    /// For people to read.
    var text: String {
        var lines = ["index = \(indexRows) rows of \(length)", "queries = \(queryRows)"]
        if match == .nothing { return lines.joined(separator: "\n") }
        if queriesWithoutRelevant > 0 {
            lines.append("queries left out = \(queriesWithoutRelevant) (the index has nothing for them to find)")
        }
        guard judgedQueries > 0 else {
            return (lines + ["no query has anything to find by \(match.rawValue): there are no figures"]).joined(
                separator: "\n")
        }
        lines += figures.map { "\($0.name) = " + String(format: "%.4f", $0.value ?? .nan) }
        return lines.joined(separator: "\n")
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(self) + Data("\n".utf8)
    }
}
