import Comm
import Foundation
import TestSupport
import Testing
import Verification

struct RetrievalFiguresTests {
    private struct Expected: Decodable {
        let queries: Int
        let withoutRelevant: Int
        let recall: [Double]
        let meanAveragePrecision: Double
    }

    private struct AllExpected: Decodable {
        let label, cosine, position, `self`: Expected
    }

    private static func expected() throws -> AllExpected {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            AllExpected.self, from: Data(contentsOf: URL(filePath: Golden.path("retrieval/expected.json"))))
    }

    private static func rows(_ name: String) throws -> [[Float]] {
        let file = try EmbeddingFile(Golden.path("retrieval/\(name).npy"))
        return (0..<file.count).map { file.array($0..<$0 + 1) }
    }

    private static func labels(_ name: String) throws -> [Double] {
        try #require(try EmbeddingIDs(Golden.path("retrieval/\(name).ids.txt")).labels)
    }

    private func agree(_ figures: RetrievalFigures, _ expected: Expected) throws {
        #expect(figures.queries == expected.queries)
        #expect(figures.queriesWithoutRelevant == expected.withoutRelevant)
        let recall = try #require(figures.recall)
        for (found, wanted) in zip(recall, expected.recall) { #expect(abs(found - wanted) < 1e-12) }
        #expect(recall.count == expected.recall.count)
        #expect(abs(try #require(figures.meanAveragePrecision) - expected.meanAveragePrecision) < 1e-12)
    }

    /// With ties among rows, and queries that have nothing to find.
    @Test(arguments: [Metric.euclidean, .cosine])
    func byLabelAsScikitLearn(metric: Metric) throws {
        let data = try SearchData(index: Self.rows("index"), queries: Self.rows("queries"))
        var options = SearchOptions()
        options.metric = metric
        let relevance = Relevance(
            indexLabels: try Self.labels("index"), queryLabels: try Self.labels("queries"), excludesSelf: false)
        let expected = try Self.expected()
        try agree(data.search(options, relevance).figures, metric == .cosine ? expected.cosine : expected.label)
    }

    @Test
    func byPositionAsScikitLearn() throws {
        let data = try SearchData(index: Array(Self.rows("index").prefix(90)), queries: Self.rows("queries"))
        try agree(data.search(SearchOptions(), .samePosition).figures, Self.expected().position)
    }

    @Test
    func withoutItselfAsScikitLearn() throws {
        let data = try SearchData(index: Self.rows("index"), queries: Self.rows("index"))
        let labels = try Self.labels("index")
        var options = SearchOptions()
        options.excludesSelf = true
        let relevance = Relevance(indexLabels: labels, queryLabels: labels, excludesSelf: true)
        try agree(data.search(options, relevance).figures, Self.expected().`self`)
    }

    @Test
    func nothingToFindGivesNoFigures() throws {
        let data = try SearchData(index: [[1]], queries: [[1]])
        let figures = try data.search(
            SearchOptions(), Relevance(indexLabels: [1], queryLabels: [2], excludesSelf: false)
        ).figures
        #expect(figures.queries == 0 && figures.queriesWithoutRelevant == 1)
        #expect(figures.recall == nil && figures.meanAveragePrecision == nil)
    }
}
