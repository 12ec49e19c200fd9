import TestSupport
import Testing
import Verification

struct ExactSearchTests {
    /// Many ties, and far from the origin, where single-precision products alone would tell nothing apart.
    @Test(arguments: [0, 1000] as [Float])
    func findsWhatPlainLoopsFind(away: Float) throws {
        let data = try SearchData(
            index: SearchData.rows(1200, length: 5, step: 7, away: away),
            queries: SearchData.rows(270, length: 5, step: 11, away: away))
        var options = SearchOptions()
        options.neighbours = 20
        // Six rows of each label up to 99, and thirty of each from there on.
        let labels = (0..<data.index.count).map { (row: Int) -> Double in
            let label: Int = row < 600 ? row % 100 : 100 + row % 20
            return Double(label)
        }
        let relevance = Relevance(
            indexLabels: labels, queryLabels: (0..<data.queries.count).map(Double.init), excludesSelf: false)
        let results = try data.search(options, relevance).results
        #expect(results.map(\.queries) == [0..<270])
        for query in Array(stride(from: 0, to: 270, by: 9)) + [101, 119, 269] {
            let ranking = data.ranking(query, cosine: false, excludesSelf: false)
            #expect(results[0].neighbours[query] == Array(ranking.prefix(20)))
            let relevant = ranking.filter { labels[$0.row] == Double(query) }
            #expect(relevant.count == (query < 100 ? 6 : query < 120 ? 30 : 0))
            #expect(results[0].relevant[query] == Self.places(of: relevant, in: ranking))
        }
    }

    private static func places(of relevant: [Neighbour], in ranking: [Neighbour]) -> [SearchResult.Place] {
        relevant.map { row in .init(square: row.square, rank: ranking.count { $0.square <= row.square }) }
    }

    /// Tables find the places of these: rows equally far, and some whose distances no single-precision sum tells apart.
    @Test(arguments: [1, 2, 3, 4])
    func manyRelevantRowsAreCountedOneByOne(ranks: Int) throws {
        // Twenty numbers with so few bits that sums of squares of differences are exact in whatever order.
        var rows = SearchData.rows(900, length: 20, step: 7)
        for row in rows.indices { rows[row][row % 20] += Float(row % 9 - 4) * 0x1p-20 }
        let data = try SearchData(index: rows, queries: rows)
        var options = SearchOptions()
        options.excludesSelf = true
        // 450 rows of label 0, and three of each from 1 to 150.
        let labels = (0..<900).map { (row: Int) -> Double in row % 2 == 0 ? 0 : Double(row / 2 % 150 + 1) }
        let relevance = Relevance(indexLabels: labels, queryLabels: labels, excludesSelf: true)
        let result = try data.search(options, relevance, ranks: ranks).results[0]
        for query in stride(from: 0, to: 900, by: 17) {
            let ranking = data.ranking(query, cosine: false, excludesSelf: true)
            #expect(result.neighbours[query] == Array(ranking.prefix(10)))
            let relevant = ranking.filter { labels[$0.row] == labels[query] }
            #expect(relevant.count == (query % 2 == 0 ? 449 : 2))
            #expect(result.relevant[query] == Self.places(of: relevant, in: ranking))
        }
    }

    /// All that a search finds when rows are one and the same, with tables and without.
    @Test(arguments: [3, 70])
    func equalRowsShareTheLastPlace(relevant: Int) throws {
        let data = try SearchData(
            index: .init(repeating: [1, 2], count: 200), queries: .init(repeating: [1, 2], count: 3))
        let labels = (0..<200).map { $0 < relevant ? 1.0 : 2.0 }
        let result = try data.search(
            SearchOptions(), Relevance(indexLabels: labels, queryLabels: [1, 1, 1], excludesSelf: false)
        ).results[0]
        for query in 0..<3 {
            #expect(result.neighbours[query].map(\.row) == Array(0..<10))
            #expect(result.relevant[query] == .init(repeating: .init(square: 0, rank: 200), count: relevant))
        }
    }

    @Test
    func aQueryIsLeftOutOfItsOwnRanking() throws {
        let rows = SearchData.rows(90, length: 3, step: 4)
        let data = try SearchData(index: rows, queries: rows)
        var options = SearchOptions()
        options.excludesSelf = true
        let labels = (0..<90).map { Double($0 % 40) }
        let result = try data.search(
            options, Relevance(indexLabels: labels, queryLabels: labels, excludesSelf: true)
        ).results[0]
        for query in 0..<90 {
            let ranking = data.ranking(query, cosine: false, excludesSelf: true)
            #expect(result.neighbours[query] == Array(ranking.prefix(10)))
            let relevant = ranking.filter { $0.row % 40 == query % 40 }
            #expect(relevant.count == (query % 40 < 10 ? 2 : 1))
            #expect(result.relevant[query] == Self.places(of: relevant, in: ranking))
        }
    }

    @Test
    func cosineLooksAtDirectionsOnly() throws {
        let index: [[Float]] = (1...60).map { [Float($0 % 7 + 1), Float($0 % 5) - 2, Float($0)] }
        let queries: [[Float]] = (1...20).map { [Float($0), 3, Float($0 % 3)] }
        let data = try SearchData(index: index, queries: queries)
        var options = SearchOptions()
        options.metric = .cosine
        options.neighbours = 60
        let result = try data.search(options, Relevance.samePosition).results[0]
        for query in 0..<20 {
            let ranking = data.ranking(query, cosine: true, excludesSelf: false)
            #expect(result.neighbours[query].map(\.row) == ranking.map(\.row))
            for (found, wanted) in zip(result.neighbours[query], ranking) {
                #expect(abs(found.square - wanted.square) < 1e-14)
            }
            let place = try #require(ranking.firstIndex { $0.row == query })
            #expect(result.relevant[query].map(\.rank) == [place + 1])
        }
    }

    /// Also with more ranks than rows.
    @Test(arguments: [2, 3, 7])
    func ranksFindTheSame(ranks: Int) throws {
        for rows in [5, 300] {
            let data = try SearchData(
                index: SearchData.rows(rows, length: 4, step: 7), queries: SearchData.rows(rows, length: 4, step: 11))
            var options = SearchOptions()
            options.neighbours = 12
            options.excludesSelf = true
            let labels = (0..<rows).map { Double($0 * $0 % 31) }
            let relevance = Relevance(indexLabels: labels, queryLabels: labels, excludesSelf: true)
            let (alone, together) = (
                try data.search(options, relevance), try data.search(options, relevance, ranks: ranks)
            )
            #expect(together.figures == alone.figures)
            #expect(together.results.flatMap(\.neighbours) == alone.results.flatMap(\.neighbours))
            #expect(together.results.flatMap(\.relevant) == alone.results.flatMap(\.relevant))
        }
    }

    @Test
    func manyQueriesComeInBlocks() throws {
        let data = try SearchData(
            index: SearchData.rows(3, length: 2, step: 1), queries: SearchData.rows(8200, length: 2, step: 3))
        let results = try data.search(
            SearchOptions(),
            Relevance(indexLabels: [0, 0, 0], queryLabels: .init(repeating: 1, count: 8200), excludesSelf: false)
        ).results
        #expect(results.map(\.queries) == [0..<8192, 8192..<8200])
        #expect(results.allSatisfy { $0.neighbours.allSatisfy { $0.count == 3 } })
        #expect(results[1].neighbours[0] == data.ranking(8192, cosine: false, excludesSelf: false))
    }

    @Test(arguments: [
        (
            Float.nan, Metric.euclidean,
            "row 1 (the first is 0) holds what is no finite number; look at the net's weights"
        ),
        (1e19, .euclidean, "row 1 (the first is 0) is too long: its squares add up to 1e+38"),
        (0, .cosine, "row 1 (the first is 0) is zero and has no direction; search by the Euclidean metric"),
    ])
    func rowsWithoutDistancesAreNamed(value: Float, metric: Metric, says: String) throws {
        let data = try SearchData(index: [[1], [2]], queries: [[1], [value]])
        var options = SearchOptions()
        options.metric = metric
        let error = #expect(throws: EmbeddingError.self) { try data.search(options, .samePosition) }
        #expect(error == EmbeddingError(path: data.queries.path, problem: says))
    }

    @Test
    func rowsOfOtherLengthsAreRefused() throws {
        let data = try SearchData(index: [[1, 2]], queries: [[1]])
        let error = #expect(throws: EmbeddingError.self) { try data.search(SearchOptions(), .samePosition) }
        #expect(error?.problem.hasPrefix("its rows have 1 numbers, where those of") == true)
    }
}
