import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct CompareCommandTests {
        private let scratch: ScratchDirectory
        private let net = [
            "--model", Golden.path("net_contrastive/train_val.prototxt"), "--weights",
            Golden.path("net_contrastive/init.caffemodel"),
        ]
        private let pictures = ["images/00_astronaut_a.jpg", "images/01_astronaut_b.jpg"]

        init() throws { scratch = try ScratchDirectory("compare") }

        private struct Line: Decodable {
            let a: String
            let b: String
            let distance, threshold: Float?
            let match: Bool?
            let probability: Double?
            let error: String?
        }

        private func compare(_ flags: [String]) throws -> Command {
            try Tool.run(["compare"] + net + flags, directory: Golden.directory.path)
        }

        /// The same under a shell, with lines as its standard input.
        private func compare(_ flags: [String], lines: String) throws -> Command {
            let input = try scratch.write("input.txt", lines)
            return try Command.run(
                "/bin/sh", ["-c", "exec \"$0\" \"$@\" < \(input)", Tool.path, "compare"] + net + flags + ["--stdin"],
                directory: Golden.directory.path)
        }

        private func lines(_ command: Command) throws -> [Line] {
            try command.standardOutput.split(separator: "\n").map {
                try JSONDecoder().decode(Line.self, from: Data($0.utf8))
            }
        }

        /// One by one, from lists and from standard input: the same distances, in the lists' order.
        @Test
        func listsInputAndArgumentsSayTheSame() throws {
            let listed = try compare(["--list1", "test1.txt", "--list2", "test2.txt", "--json", "--threshold", "0.05"])
            #expect(listed.status == 0, "\(listed.standardError)")
            let all = try lines(listed)
            let paths = try ["test1.txt", "test2.txt"].map { file in
                try String(contentsOfFile: Golden.path(file), encoding: .utf8).split(separator: "\n")
                    .map { String($0.split(separator: " ")[0]) }
            }
            #expect(all.map(\.a) == paths[0] && all.map(\.b) == paths[1])
            #expect(all.allSatisfy { $0.error == nil && $0.threshold == 0.05 && $0.probability == nil })
            // More than are compared at once.
            let times = 5
            let input = String(repeating: zip(paths[0], paths[1]).map { "\($0)\t\($1)\n" }.joined(), count: times)
            let read = try lines(compare(["--json"], lines: input))
            #expect(read.map(\.a) == Array(repeating: paths[0], count: times).flatMap(\.self))
            #expect(read.map(\.b) == Array(repeating: paths[1], count: times).flatMap(\.self))
            for (number, read) in read.enumerated() {
                let listed = all[number % all.count]
                let distance = try #require(listed.distance)
                #expect(abs(distance - (try #require(read.distance))) <= 1e-5 * max(1, distance))
                #expect(listed.match == (distance <= 0.05) && read.match == nil && read.threshold == nil)
            }
            let single = try lines(compare(["--json", paths[0][1], paths[1][1]]))
            let (one, same) = (try #require(single.first?.distance), try #require(all[1].distance))
            let prior = try compare(["--prior", "0.5"] + pictures)
            #expect(prior.status == 1 && prior.standardError.contains("--prior needs a calibration"))
            #expect(single.count == 1 && abs(one - same) <= 1e-5 * max(1, same))
        }

        @Test
        func aPairIsToldLineByLine() throws {
            let command = try compare(["--threshold", "1e9"] + pictures)
            #expect(command.status == 0, "\(command.standardError)")
            let form = /distance = [\d.e-]+\nthreshold = 1e\+09 \(--threshold\)\nverdict = match\n/
            #expect(command.standardOutput.wholeMatch(of: form) != nil, "\(command.standardOutput)")
            let bare = try compare([pictures[0], pictures[0]])
            #expect(bare.standardOutput.split(separator: "\n").count == 1, "\(bare.standardOutput)")
            #expect(bare.standardError.contains("there is no threshold, so there are no verdicts"))
        }

        /// What the calibration beside the weights says, and that it must be of these weights.
        @Test
        func aCalibrationGivesThresholdAndProbability() throws {
            let weights = scratch.file("w.caffemodel")
            try FileManager.default.copyItem(atPath: net[3], toPath: weights)
            let calibrated = try Tool.run(
                [
                    "calibrate", "--model", net[1], "--weights", weights, "--list1", "train1.txt", "--list2",
                    "train2.txt",
                ],
                directory: Golden.directory.path)
            #expect(calibrated.status == 0, "\(calibrated.standardError)")
            func compare(_ flags: [String]) throws -> Command {
                try Tool.run(
                    ["compare", "--model", net[1], "--weights", weights, "--json"] + flags + pictures,
                    directory: Golden.directory.path)
            }
            let line = try #require(lines(compare([])).first)
            let (distance, threshold) = (try #require(line.distance), try #require(line.threshold))
            #expect(line.match == (distance <= threshold))
            #expect((0...1).contains(try #require(line.probability)))
            let equal = try #require(lines(compare(["--threshold", "eer"])).first)
            #expect(equal.distance == distance && equal.threshold != nil)
            // 11 of the list's 20 pairs match; where they are rarer, so is the same distance's match.
            let p = try #require(line.probability)
            let rare = try #require(lines(compare(["--prior", "0.01"])).first)
            let moved = p * 0.01 / 0.55 / (p * 0.01 / 0.55 + (1 - p) * 0.99 / 0.45)
            #expect(abs(try #require(rare.probability) - moved) < 1e-9 && rare.match == line.match)
            let unknown = try compare(["--threshold", "far_3"])
            #expect(unknown.status == 1)
            #expect(unknown.errors.first?.hasPrefix("--threshold far_3: ") == true)
            let others = try Tool.run(
                ["compare"] + net + ["--calibration", scratch.file("w.calibration.json")] + pictures,
                directory: Golden.directory.path)
            // The same bytes under another name are the same weights.
            #expect(others.status == 0, "\(others.standardError)")
        }

        @Test
        func unreadablePicturesAreToldAndTheOthersGoOn() throws {
            let (a, b) = (pictures[0], pictures[1])
            let text = try compare(["--threshold", "1e9"], lines: "\(a)\t\(b)\nnone.jpg\t\(b)\n\n\(a)\t\(b)\n")
            #expect(text.status == 1)
            #expect(text.errors == ["of 1 of 3 pair(s) a picture can't be read\n"])
            let rows = text.standardOutput.split(separator: "\n").map { $0.split(separator: "\t") }
            #expect(rows.map(\.count) == [5, 4, 5])
            #expect(rows[0] == rows[2] && rows[0][3] == "match" && rows[1][2] == "error")
            #expect(rows[1][3].hasPrefix("none.jpg: can't read the image"), "\(rows[1][3])")
            let line = try #require(lines(compare(["--json", "none.jpg", b])).first)
            #expect(line.error?.hasPrefix("none.jpg: can't read the image") == true && line.distance == nil)
            let bad = try compare(["--json"], lines: "\(a)\t\(b)\n\(a) \(b)\n")
            #expect(try lines(bad).count == 1)
            #expect(
                bad.errors == ["standard input:2: expected two paths with a tab between them, found: \(a) \(b)\n"])
        }

        @Test
        func whatDoesNotFitIsRefused() throws {
            #expect(try compare([pictures[0]]).status == 64)
            #expect(try compare(pictures + ["--stdin"]).status == 64)
            #expect(try compare(["--list1", "test1.txt"]).status == 64)
            let ranks = try Tool.run(["compare"] + net + pictures, ranks: 2, directory: Golden.directory.path)
            #expect(ranks.status == 1)
            #expect(ranks.standardError.contains("compare works alone"))
        }
    }
}
