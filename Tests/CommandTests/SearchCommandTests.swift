import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct SearchCommandTests {
        private let scratch: ScratchDirectory

        init() throws { scratch = try ScratchDirectory("search") }

        private struct Figures: Decodable {
            let judgedQueries, queriesWithoutRelevant: Int
            let recallAt1, recallAt5, recallAt10, meanAveragePrecision: Double
        }

        private func search(_ flags: [String], ranks: Int? = nil, to folder: String = "found") throws -> Command {
            try Tool.run(
                ["search", "--output", scratch.file(folder)] + flags, ranks: ranks,
                directory: Golden.path("retrieval"))
        }

        private let files = ["--index", "index.npy", "--queries", "queries.npy"]

        /// What scikit-learn says of the same rows, to four digits.
        private let text = """
            index = 240 rows of 12
            queries = 90
            queries left out = 3 (the index has nothing for them to find)

            """

        @Test
        func printsAndWritesTheFigures() throws {
            let command = try search(files + ["-k", "3"])
            #expect(command.status == 0, "\(command.standardError)")
            let expected = try #require(
                try JSONSerialization.jsonObject(
                    with: Data(contentsOf: URL(filePath: Golden.path("retrieval/expected.json"))))
                    as? [String: Any])
            let label = try #require(expected["label"] as? [String: Any])
            let recall = try #require(label["recall"] as? [Double])
            let precision = try #require(label["mean_average_precision"] as? Double)
            #expect(
                command.standardOutput == text
                    + String(
                        format: "Recall@1 = %.4f\nRecall@5 = %.4f\nRecall@10 = %.4f\n", recall[0], recall[1], recall[2])
                    + String(format: "mean average precision = %.4f\n", precision)
                    + "wrote \(scratch.file("found/search.json")), \(scratch.file("found/neighbours.csv"))\n")
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let figures = try decoder.decode(Figures.self, from: scratch.data(of: "found/search.json"))
            #expect(figures.judgedQueries == 87 && figures.queriesWithoutRelevant == 3)
            #expect(abs(figures.recallAt1 - recall[0]) < 1e-9 && abs(figures.recallAt5 - recall[1]) < 1e-9)
            #expect(abs(figures.recallAt10 - recall[2]) < 1e-9)
            #expect(abs(figures.meanAveragePrecision - precision) < 1e-9)
            let table = try scratch.text(of: "found/neighbours.csv").split(separator: "\n")
            #expect(table[0] == "query_row,query,rank,index_row,index,distance,relevant")
            #expect(table.count == 1 + 90 * 3)
            // Query 10 is row 30 of the index.
            #expect(table[31].hasPrefix("10,queries/10.png,1,30,index/30.png,0.0,"), "\(table[31])")
            #expect(try scratch.names == ["found"])
        }

        @Test(arguments: [["--exclude-self"], ["--metric", "cosine", "-k", "12"]])
        func ranksFindTheSame(flags: [String]) throws {
            let files = flags == ["--exclude-self"] ? ["--index", "index.npy", "--queries", "index.npy"] : files
            for (ranks, folder) in [(nil, "one"), (2, "two"), (3, "three")] as [(Int?, String)] {
                let command = try search(files + flags, ranks: ranks, to: folder)
                #expect(command.status == 0, "\(command.standardError)")
                for name in ["search.json", "neighbours.csv"] {
                    #expect(try scratch.data(of: "\(folder)/\(name)") == scratch.data(of: "one/\(name)"))
                }
            }
        }

        @Test
        func theSheetShowsPictures() throws {
            try FileManager.default.copyItem(
                atPath: Golden.path("retrieval/queries.npy"), toPath: scratch.file("a.npy"))
            let images = try FileManager.default.contentsOfDirectory(atPath: Golden.path("images")).sorted()
            let lines = (0..<90).map { $0 == 1 ? "none.jpg 1\n" : "\(images[$0 % images.count]) \($0 % 7)\n" }
            try scratch.write("a.ids.txt", lines.joined())
            let command = try search(
                [
                    "--index", scratch.file("a.npy"), "--queries", scratch.file("a.npy"), "--match", "position",
                    "--sheet", "4", "-k", "2", "--root-folder", Golden.path("images") + "/",
                ])
            #expect(command.status == 0, "\(command.standardError)")
            #expect(command.standardOutput.contains("Recall@1 = 1.0000\n"))
            let page = try scratch.text(of: "found/sheet.html")
            #expect(page.components(separatedBy: "<div class=\"query\">").count == 5)
            // The other four of twelve pictures are of row 1: queries 0 and 2 find it second.
            #expect(page.components(separatedBy: "data:image/png;base64,").count - 1 == 8)
            #expect(page.contains("none.jpg: can&#39;t read the image"))
        }

        @Test
        func whatDoesNotFitIsRefused() throws {
            let position = try search(files + ["--match", "position"])
            #expect(position.status == 1)
            #expect(
                position.errors == [
                    "the embeddings queries.npy: it has 90 rows and index.npy has 240; --match position needs as many\n"
                ])
            let missing = try search(["--index", "index.npy", "--queries", "none.npy"])
            #expect(missing.errors == ["the embeddings none.npy: can't read it: No such file or directory\n"])
            #expect(try search(files + ["-k", "0"]).status == 64)
            #expect(try search(files + ["--match", "position", "--exclude-self"]).status == 64)
            #expect(try scratch.names.isEmpty)
        }
    }
}
