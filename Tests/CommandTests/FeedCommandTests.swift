import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct FeedCommandTests {
        private struct Figures: Decodable {
            let pairs: Int
            let seconds, pairsPerSecond, pairsPerCoreSecond: Double
            let ranks, batchSize, decodingThreads: Int
            let fastDecode: Bool
            let cacheBytes: Int?
            let cacheHitRate: Double?
        }

        private func feed(_ flags: [String] = [], ranks: Int? = nil) throws -> (line: String, figures: Figures) {
            let scratch = try ScratchDirectory("feed")
            let command = try Tool.run(
                [
                    "feed", "--model", Golden.path("net_contrastive/train_val.prototxt"), "--seconds", "0.3", "--json",
                    scratch.file("feed.json"),
                ] + flags, ranks: ranks, directory: Golden.directory.path)
            #expect(command.status == 0, "\(command.standardError)")
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return (command.standardOutput, try decoder.decode(Figures.self, from: scratch.data(of: "feed.json")))
        }

        @Test
        func theLineAndTheFileSayTheSame() throws {
            let (line, figures) = try feed(["--decoding-threads", "1"])
            let form = /([\d.]+) pairs\/s on 1 decoding thread\(s\) of 1 rank\(s\), ([\d.]+) pairs\/s a core\n/
            let match = try #require(line.wholeMatch(of: form), "\(line)")
            #expect(String(match.1) == String(format: "%.1f", figures.pairsPerSecond))
            #expect(String(match.2) == String(format: "%.1f", figures.pairsPerCoreSecond))
            #expect(figures.pairs >= 8 && figures.pairs.isMultiple(of: figures.batchSize))
            #expect(figures.seconds >= 0.3)
            #expect(abs(figures.pairsPerSecond * figures.seconds / Double(figures.pairs) - 1) < 0.01)
        }

        @Test
        func ranksAreCountedTogether() throws {
            let (line, figures) = try feed(ranks: 3)
            #expect(line.split(separator: "\n").count == 1)
            #expect(figures.ranks == 3 && figures.batchSize == 8 && figures.decodingThreads == 2)
            #expect(figures.pairsPerSecond > 0)
            #expect(!figures.fastDecode && figures.cacheBytes == nil && figures.cacheHitRate == nil)
        }

        /// After the pass that comes first all is in the cache.
        @Test
        func theCacheIsCounted() throws {
            let (line, figures) = try feed(["--cache", "1MiB", "--fast-decode"])
            #expect(line.hasSuffix(" pairs/s a core, 100.0 % of the images out of the cache\n"), "\(line)")
            #expect(figures.fastDecode && figures.cacheBytes == 1 << 20 && figures.cacheHitRate == 1)
        }

        @Test
        func aListWithFaultsEndsItWithItsPlace() throws {
            let scratch = try ScratchDirectory("feed")
            let net = """
                layer { name: "data" type: "ImageData" top: "data"
                  image_data_param { source: "list.txt" batch_size: 2 new_height: 8 new_width: 8 } }
                """
            try scratch.write("net.prototxt", net)
            try scratch.write("list.txt", "none.jpg 1\n")
            let command = try Tool.run(["feed", "--model", scratch.file("net.prototxt")], directory: scratch.path)
            #expect(command.status == 1)
            #expect(command.errors.first?.hasPrefix("list.txt:1: none.jpg: can't read the image") == true)
        }
    }
}
