import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct VerifyCommandTests {
        private let scratch: ScratchDirectory

        private struct Line: Decodable {
            let image: String
            let identity: String
            let match: Bool?
            let probability: Double?
            let logRatio: Double?
            let error: String?
        }

        init() throws { scratch = try ScratchDirectory("verify") }

        private func lines(_ file: String) throws -> [String] {
            try String(contentsOfFile: Golden.path(file), encoding: .utf8).split(separator: "\n").map(String.init)
        }

        private func run(_ command: String, _ more: [String], ranks: Int? = nil) throws -> Command {
            try Tool.run(
                [
                    command, "--model", Golden.path("net_contrastive/train_val.prototxt"), "--weights",
                    Golden.path("net_contrastive/snap_iter_20.caffemodel"),
                ] + more, ranks: ranks, directory: Golden.directory.path)
        }

        /// Three identities of four enrolled images each, by the golden pairs; the calibration's path.
        private func calibrate() throws -> String {
            func identity(_ line: String) throws -> Int {
                let number = try #require(line.firstMatch(of: /images\/(\d+)_/).flatMap { Int($0.1) })
                return number / 2 % 3
            }
            let pairs = try zip(lines("train1.txt"), lines("train2.txt"))
            let people = try pairs.map { "\(try identity($0))\t\(try identity($1))\n" }.joined()
            let enrolled = try lines("all.txt").prefix(12).map { line in
                "\(line.split(separator: " ")[0]) \(try identity(line))\n"
            }
            let done = try run(
                "calibrate",
                [
                    "--list1", "train1.txt", "--list2", "train2.txt", "--identities", scratch.write("people", people),
                    "--enrol", scratch.write("enrolled", enrolled.joined()), "--output", scratch.file("c.json"),
                ])
            try #require(done.status == 0, "\(done.standardError)")
            return scratch.file("c.json")
        }

        /// Each image claims to be each identity: its own is among the probable ones more often than not.
        @Test func claimsAreJudgedOnAnyNumberOfRanks() throws {
            let calibration = try calibrate()
            let images = try lines("all.txt").map { $0.split(separator: " ")[0] }
            let claims = images.flatMap { image in (0...3).map { "\(image) \($0)\n" } }
            let list = try scratch.write("claims", claims.joined())
            func judged(_ more: [String] = [], ranks: Int? = nil) throws -> [Line] {
                let done = try run(
                    "verify", ["--list", list, "--calibration", calibration, "--json"] + more, ranks: ranks)
                try #require(done.status == 0, "\(done.standardError)")
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .convertFromSnakeCase
                return try done.standardOutput.split(separator: "\n").map {
                    try decoder.decode(Line.self, from: Data($0.utf8))
                }
            }
            let alone = try judged()
            #expect(alone.map { "\($0.image) \($0.identity)\n" } == claims)
            for line in alone {
                if line.identity == "3" {
                    #expect(line.match == nil && line.error == "nobody of this number is enrolled")
                    continue
                }
                let (probability, ratio) = (try #require(line.probability), try #require(line.logRatio))
                #expect(abs(probability - 1 / (1 + exp(-ratio))) < 1e-12 && line.match == (probability >= 0.5))
            }
            // Of images that were enrolled, whose density they made.
            func mean(next step: Int) -> Double {
                var sum = 0.0
                for image in 0..<12 {
                    let identity = (image / 2 + step) % 3
                    sum += alone[4 * image + identity].logRatio ?? .nan
                }
                return sum / 12
            }
            #expect(mean(next: 0) > mean(next: 1) && mean(next: 0) > mean(next: 2))
            for (one, three) in try zip(alone, judged(ranks: 3)) {
                let (a, b) = (one.logRatio ?? 0, three.logRatio ?? 0)
                #expect(abs(a - b) <= 1e-3 * max(1, abs(a)), "\(one.image) \(one.identity)")
            }
            #expect(try judged(["--threshold", "0"]).allSatisfy { $0.match != false })
        }

        @Test func faultsAreSentences() throws {
            let calibration = try calibrate()
            let list = try scratch.write("claims", "images/00_astronaut_a.jpg 0\n")
            for (arguments, sentence) in [
                (["--list", list], "there is no calibration beside the weights"),
                (
                    ["--list", list, "--calibration", calibration, "--threshold", "far_3"],
                    "has no such threshold of claims; it has"
                ),
                (
                    [
                        "--list", try scratch.write("paths", "images/00_astronaut_a.jpg\n"), "--calibration",
                        calibration,
                    ],
                    "has no numbers, which say whom each image claims to show"
                ),
            ] {
                let done = try run("verify", arguments)
                #expect(done.status == 1 && done.standardError.contains(sentence), "\(done.standardError)")
            }
            let text = try run("verify", ["--list", list, "--calibration", calibration])
            let form = /images\/00_astronaut_a.jpg\t0\t(no )?match\t[\d.e-]+\t[\d.e+-]+\n/
            #expect(text.standardOutput.wholeMatch(of: form) != nil, "\(text.standardOutput)")
        }
    }
}
