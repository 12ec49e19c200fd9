import Comm
import Foundation
import Nets
import TestSupport
import Testing
import Training

struct CollapseWatchTests {
    /// A contrastive loss on pairs that a test places.
    private final class Pairs {
        let net: Net
        var watch: CollapseWatch

        init(_ count: Int = 4, margin: Float = 1, legacy: Bool = false) throws {
            net = try TestNet.make(
                TestNet.input("a", [count, 2]) + TestNet.input("b", [count, 2]) + TestNet.input("label", [count])
                    + #"layer { name: "loss" type: "ContrastiveLoss" bottom: "a" bottom: "b" bottom: "label" top: "loss""#
                    + " contrastive_loss_param { margin: \(margin) legacy_version: \(legacy) } }")
            watch = CollapseWatch(net)
        }

        /// Matching and non-matching pairs in turn, at these distances, with embeddings of about this length.
        func show(matching: Float, apart: Float, length: Float = 1, labels: [Float]? = nil) throws {
            let count = net.known("label").count
            let labels = labels ?? (0..<count).map { Float($0 % 2) }
            net.known("a").copyData(from: labels.flatMap { [length + ($0 == 0 ? apart : matching), 0] })
            net.known("b").copyData(from: labels.flatMap { _ in [length, 0] })
            net.known("label").copyData(from: labels)
            try net.forward()
            watch.note()
        }

        func close() throws -> (all: [CollapseWatch.Collapse], new: [CollapseWatch.Collapse]) {
            try watch.close(over: SoloCommunicator())
        }
    }

    @Test func distancesThatAreSome() throws {
        let pairs = try Pairs()
        try pairs.show(matching: 0, apart: 0.02)
        #expect(try pairs.close().all == [])
        try pairs.show(matching: 0.02, apart: 0)
        #expect(try pairs.close().all == [], "matching pairs far apart are a bad net, and no collapse")
        try pairs.show(matching: 0, apart: 7)
        #expect(try pairs.close().all == [], "nothing left to learn")
        #expect(try pairs.close().all == [], "nothing seen")
    }

    /// Once as long as it lasts, and again when it comes back.
    @Test func isSaidOnceAnEpisode() throws {
        let pairs = try Pairs()
        try pairs.show(matching: 0.001, apart: 0.3)
        _ = try pairs.close()
        var story: [Int] = []
        for apart in [0.002, 0.002, 0.5, 0.001, 0.001] as [Float] {
            try pairs.show(matching: 0.001, apart: apart)
            let (all, new) = try pairs.close()
            story.append(all.count * 10 + new.count)
        }
        #expect(story == [11, 10, 0, 11, 10])
    }

    @Test func saysWhatItHasSeen() throws {
        let pairs = try Pairs(margin: 4)
        for apart in [1 / 128, 3 / 128] as [Float] { try pairs.show(matching: 1 / 128, apart: apart, length: 4) }
        let collapse = try #require(try pairs.close().new.first)
        #expect(collapse.layer == "loss")
        #expect(collapse.margin == 4)
        #expect(collapse.nonMatching == 0.015625)
        #expect(
            collapse.description.hasPrefix(
                "layer loss: the embeddings have collapsed: since the last display matching pairs are 0.0078125 apart and "
                    + "non-matching pairs are 0.015625 apart on average, below 1 % of the margin of 4. "), "\(collapse)"
        )
    }

    @Test func theReasonFits() throws {
        func reason(margin: Float = 1, before: Float? = nil, length: Float, labels: [Float]? = nil) throws -> String {
            let pairs = try Pairs(100, margin: margin)
            if let before {
                try pairs.show(matching: 0, apart: before)
                _ = try pairs.close()
            }
            try pairs.show(matching: 0, apart: 0, length: length, labels: labels)
            return try #require(try pairs.close().new.first).reason
        }
        #expect(
            try reason(before: 0.4, length: 1).hasPrefix("Non-matching pairs were 0.4 apart before: the learning rate"))
        #expect(try reason(length: 0).hasPrefix("Every embedding is 0: the units below are dead"))
        #expect(try reason(margin: 100, length: 2).hasPrefix("The embeddings are small (their mean length is 2)"))
        #expect(try reason(length: 2).hasPrefix("All images get nearly the same embedding (of mean length 2)"))
        let all = [Float](repeating: 1, count: 100)
        #expect(
            try reason(length: 2, labels: all)
                == "All pairs match, so nothing drives images apart: add pairs that do not.")
    }

    /// A few pairs that happen to match say nothing of the others.
    @Test func oneKindByChance() throws {
        let pairs = try Pairs()
        try pairs.show(matching: 0, apart: 0, labels: [1, 1, 1, 1])
        #expect(try pairs.close().all == [])
        try pairs.show(matching: 0, apart: 0, labels: [0, 0, 0, 0])
        #expect(try pairs.close().new.count == 1, "non-matching ones at no distance do")
    }

    /// The legacy form compares squares: a margin of 9 is 3 away.
    @Test func legacyMargins() throws {
        let pairs = try Pairs(margin: 9, legacy: true)
        try pairs.show(matching: 0, apart: 0.04)
        #expect(try pairs.close().all == [])
        try pairs.show(matching: 0, apart: 0.02)
        #expect(try pairs.close().all.map(\.margin) == [3])
    }

    /// Each rank alone has collapsed pairs or not; together they count by their mean.
    @Test func countsOverRanks() throws {
        let found = try ThreadCommunicator.run(2) { communicator in
            let pairs = try Pairs()
            try pairs.show(matching: 0, apart: communicator.rank == 0 ? 0.001 : 0.003)
            let near = try pairs.watch.close(over: communicator).all.map { $0.nonMatching ?? .nan }
            try pairs.show(matching: 0, apart: communicator.rank == 0 ? 0.001 : 0.3)
            return (near, try pairs.watch.close(over: communicator).all.count)
        }
        for (near, far) in found {
            #expect(near.count == 1 && abs(near[0] - 0.002) < 1e-6)
            #expect(far == 0)
        }
    }

    /// In a training: embeddings of zeros, since the last layer has neither weights nor a rate.
    @Test func aTrainingSaysSo() throws {
        let run = try GoldenRun(
            "net_contrastive",
            editSolver: {
                $0 = $0.replacing("max_iter: 20", with: "max_iter: 7\ndisplay: 2").replacing("test_iter: 3", with: "")
            },
            editNet: {
                $0 = $0.replacing(
                    "num_output: 16\n    weight_filler { type: \"msra\" }\n    bias_filler { type: \"constant\" value: 0.1 }",
                    with: "num_output: 16\n    weight_filler { type: \"constant\" value: 0 }\n"
                        + "    bias_filler { type: \"constant\" value: 0 }")
            })
        let log = RecordingLog()
        try run.train(log: log)
        #expect(
            log.warnings.count { $0.hasPrefix("layer loss: the embeddings have collapsed") } == 1, "\(log.warnings)")
        #expect(log.warnings.contains { $0.hasSuffix("start again.") })
        let lines = try String(contentsOfFile: run.prefix + ".metrics.jsonl", encoding: .utf8).split(separator: "\n")
        #expect(
            lines.map { $0.contains("\"collapsed\":[{\"layer\":\"loss\"") } == [false, true, true, true], "\(lines)")
        #expect(lines[1].contains("\"non_matching\":0"))
    }
}
