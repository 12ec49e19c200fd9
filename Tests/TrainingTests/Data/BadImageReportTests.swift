import Comm
import Foundation
import Nets
import Pairs
import TestSupport
import Testing
import Training

/// Trainings that pass over bad images: the same on any number of ranks, also where each carries one tower.
@Suite(.timeLimit(.minutes(5)))
struct BadImageReportTests {
    private static let net = "net_contrastive"

    /// A run of which images of lines 3 and 13 (and 9, a missing one) of the TRAIN lists and 2 of the TEST lists are bad.
    private static func run() throws -> GoldenRun {
        let run = try GoldenRun(
            net,
            editSolver: {
                $0 = $0.replacing("max_iter: 20", with: "max_iter: 12").replacing("test_iter: 3", with: "test_iter: 2")
                    .replacing("snapshot_after_train: false", with: "snapshot_after_train: true")
                $0 += "display: 1\nsnapshot: 6\n"
            },
            editNet: GoldenRun.stir)
        let whole = try Data(contentsOf: URL(filePath: Golden.path("images/12_ihc_a.jpg")))
        try run.folder.write("\(net)/bad/cut.jpg", whole.prefix(whole.count / 2))
        func spoil(_ file: String, _ changes: [Int: String]) throws {
            let name = "\(net)/\(file)"
            let lines = try run.folder.text(of: name).split(separator: "\n").enumerated().map { number, line in
                (changes[number + 1].map { $0 + line.suffix(2) } ?? String(line)) + "\n"
            }
            try FileManager.default.removeItem(atPath: run.folder.file(name))
            try run.folder.write(name, lines.joined())
        }
        try spoil("train1.txt", [3: "bad/cut.jpg"])
        try spoil("train2.txt", [9: "bad/none.jpg", 13: "bad/cut.jpg"])
        try spoil("test1.txt", [2: "bad/cut.jpg"])
        return run
    }

    private struct Outcome: Sendable {
        var losses: [Double] = []
        var warnings: [String] = []
        var file = ""

        /// How often another pair took a bad one's place, as the last sentence says.
        var replaced: Int? {
            warnings.compactMap { line in
                line.firstMatch(of: /4 pairs can't be read; others took their place (\d+) times/).flatMap { Int($0.1) }
            }.last
        }
    }

    private static func train(
        _ run: GoldenRun, ranks: Int, limit: Int = 10,
        _ edit: @escaping @Sendable (inout TrainingPlan.Request) -> Void = { _ in }
    ) throws -> Outcome {
        let warnings = try ThreadCommunicator.run(ranks) { communicator in
            let log = RecordingLog()
            let plan = try run.plan(over: communicator, log: log) {
                $0.options.decoding.badImages = .skip(limit: limit)
                edit(&$0)
            }
            try Trainer(plan, communicator: communicator, log: log.log).run()
            return log.warnings
        }
        return Outcome(
            losses: try run.metrics().filter { $0.phase == "train" }.compactMap(\.loss), warnings: warnings[0],
            file: try run.folder.text(of: "snap.bad-images.txt"))
    }

    private static let listed = [
        "train1.txt:3: bad/cut.jpg: the JPEG is damaged", "train2.txt:9: bad/none.jpg: can't read the image",
        "train2.txt:13: bad/cut.jpg: the JPEG is damaged", "test1.txt:2: bad/cut.jpg: the JPEG is damaged",
    ]

    @Test func anyNumberOfRanksTrainsTheSame() throws {
        let alone = try Self.train(try Self.run(), ranks: 1)
        #expect(alone.losses.count == 12)
        let lines = alone.file.split(separator: "\n")
        #expect(lines.count == Self.listed.count, "\(alone.file)")
        for (line, start) in zip(lines, Self.listed) { #expect(line.hasPrefix(start)) }
        #expect(alone.warnings.contains { $0.hasSuffix("another pair takes its place (--bad-image skip)") })
        // Of 13 batches of 8, in three whole epochs at least, and two tests.
        let count = try #require(alone.replaced)
        #expect(count > 12)
        for ranks in 2...4 {
            for placement in ranks.isMultiple(of: 2) ? [TowerPlacement.both, .split] : [.both] {
                let found = try Self.train(try Self.run(), ranks: ranks) { $0.options.placement = placement }
                #expect(
                    Compare.relativeMismatch("\(placement), \(ranks) ranks", found.losses, alone.losses) == nil)
                #expect(found.file.split(separator: "\n").count == lines.count, "\(found.file)")
                #expect(found.replaced == count)
            }
        }
    }

    /// Bit for bit, with the lines of the run before.
    @Test func aResumedRunGoesOn() throws {
        let whole = try Self.run()
        let expected = try Self.train(whole, ranks: 1)
        let parts = try Self.run()
        _ = try Self.train(parts, ranks: 1) { $0.maxIteration = 6 }
        try parts.folder.write("snap.bad-images.txt", "old.txt:1: a line of an earlier run\n")
        let resumed = try Self.train(parts, ranks: 1) { $0.resumesNewest = true }
        #expect(Array(resumed.losses.suffix(6)) == Array(expected.losses.suffix(6)))
        #expect(resumed.file.hasPrefix("old.txt:1: a line of an earlier run\n"))
        #expect(resumed.file.hasSuffix(expected.file.split(separator: "\n").suffix(1).joined() + "\n"))
        #expect(
            try Weights.mismatches(
                parts.prefix + "_iter_12.caffemodel", whole.prefix + "_iter_12.caffemodel", tolerance: 0) == [])
    }

    @Test(arguments: [1, 3])
    func tooManyEndTheJob(ranks: Int) throws {
        let run = try Self.run()
        let error = try #require(throws: (any Error).self) { try Self.train(run, ranks: ranks, limit: 2) }
        let sentence = (error as? PeerError)?.message ?? "\(error)"
        #expect(sentence.contains("pairs have images that can't be read, and --max-bad allows 2"), "\(sentence)")
        #expect(sentence.contains("\(run.prefix).bad-images.txt lists their images"))
        #expect(try run.folder.text(of: "snap.bad-images.txt").split(separator: "\n").count >= 3)
    }

    /// A test leaves bad pairs out of what it says of single pairs, and tells how many.
    @Test(arguments: [1, 3])
    func testsLeaveThemOut(ranks: Int) throws {
        let run = try Self.run()
        let results = try ThreadCommunicator.run(ranks) { communicator in
            let log = RecordingLog()
            var options = RunOptions()
            options.decoding.badImages = .skip(limit: 1)
            let result = try Tester.test(
                model: run.net(Self.net), weights: [Golden.path("\(Self.net)/init.caffemodel")], iterations: nil,
                options: options, communicator: communicator, log: log.log)
            return (result, log.warnings)
        }
        let (result, warnings) = results[0]
        #expect(result.pairs.map(\.position) == [0] + Array(2..<12))
        #expect(result.replaced == 1)
        #expect(warnings.filter { $0.hasPrefix("left out: test1.txt:2: bad/cut.jpg: the JPEG is damaged") }.count == 1)
    }
}
