import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// Impostor pairs that a net of the golden trainings takes for alike.
    struct PairMiningTests {
        private let scratch: ScratchDirectory
        private let run: GoldenRun

        /// Two pictures each of eleven motifs.
        init() throws {
            scratch = try ScratchDirectory("mining")
            run = try GoldenRun("net_contrastive")
            let images = try FileManager.default.contentsOfDirectory(atPath: Golden.path("images")).sorted().prefix(22)
            for (number, image) in images.enumerated() {
                try scratch.link("motifs/\(number / 2)/\(image)", to: Golden.path("images/\(image)"))
            }
        }

        private func mine(_ output: String, ranks: Int?, _ arguments: String...) throws -> Command {
            try Tool.run(
                [
                    "pairs", "motifs", "--output", output, "--split", "train=1", "--impostors", "4", "--model",
                    run.folder.file("net_contrastive/train_val.prototxt"), "--weights",
                    Golden.path("net_contrastive/snap_iter_20.caffemodel"), "--engine", "CAFFE",
                ] + arguments, ranks: ranks, directory: scratch.path)
        }

        private func lines(_ name: String) throws -> [String] {
            try scratch.text(of: name).split(separator: "\n").map(String.init)
        }

        @Test func theSameOverRanksAndNearerThanDrawnOnes() throws {
            var texts: [[String: String]] = []
            for ranks in [nil, 1, 2] {
                let output = "lists\(ranks ?? 0)"
                let command = try mine(output, ranks: ranks, "--hard-negatives", "3", "--hard-share", "0.5")
                #expect(command.status == 0, "\(command.standardError)")
                let sentence =
                    /mined 22 impostor pairs of train, at a mean distance of (\S+) where drawn ones have (\S+)/
                let found = try #require(command.standardOutput.firstMatch(of: sentence), "\(command.standardOutput)")
                let (hard, drawn) = (try #require(Double(found.1)), try #require(Double(found.2)))
                #expect(hard < 0.9 * drawn, "\(hard) and \(drawn)")
                #expect(!scratch.has("\(output)/.mining"))
                let names = try FileManager.default.contentsOfDirectory(atPath: scratch.file(output))
                texts.append(try names.reduce(into: [:]) { $0[$1] = try scratch.text(of: "\(output)/\($1)") })
            }
            #expect(texts[0].count == 5 && texts[1] == texts[0] && texts[2] == texts[0])
            let pairs = try lines("lists0/train1.txt").indices.map { line in
                try (1...2).map { try lines("lists0/train\($0).txt")[line] }
            }
            #expect(pairs.count == 55 && Set(pairs.map { Set($0) }).count == 55)
            for (pair, names) in zip(pairs, try lines("lists0/train_identities.txt")) {
                let identities = names.split(separator: "\t")
                #expect((identities[0] == identities[1]) == pair[0].hasSuffix(" 1"))
            }
        }

        /// Without the nearest the mined pairs are farther apart.
        @Test func theNearestMayBeSkipped() throws {
            let distances = try ["0", "6"].map { skip in
                let command = try mine("skip\(skip)", ranks: nil, "--hard-negatives", "2", "--hard-skip", skip)
                #expect(command.status == 0, "\(command.standardError)")
                let found = try #require(command.standardOutput.firstMatch(of: /mean distance of (\S+) where/))
                return try #require(Double(found.1))
            }
            #expect(distances[0] < distances[1])
        }

        @Test func faults() throws {
            let other = try Tool.run(
                ["pairs", "motifs", "--output", "x", "--split", "train=1"], ranks: 2, directory: scratch.path)
            #expect(other.status == 1)
            #expect(other.errors.joined().contains("pairs works alone, but for --hard-negatives"))
            let missing = try Tool.run(
                [
                    "pairs", "motifs", "--output", "x", "--split", "train=1", "--hard-negatives", "2", "--model",
                    "none.prototxt", "--weights", "none.caffemodel",
                ], directory: scratch.path)
            #expect(missing.status == 1 && missing.errors.first?.contains("none.prototxt") == true)
            #expect(!scratch.has("x/train1.txt") && !scratch.has("x/.mining"))
        }
    }
}
