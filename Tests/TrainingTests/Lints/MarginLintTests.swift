import Nets
import TestSupport
import Testing
import Training

struct MarginLintTests {
    /// The sentence for non-matching pairs at these distances, and a matching one.
    private static func check(_ distances: [Float], margin: Float = 1, legacy: Bool = false) throws -> MarginCheck {
        let count = distances.count + 1
        let net = try TestNet.make(
            TestNet.input("a", [count, 2]) + TestNet.input("b", [count, 2]) + TestNet.input("label", [count])
                + #"layer { name: "loss" type: "ContrastiveLoss" bottom: "a" bottom: "b" bottom: "label" top: "loss""#
                + " contrastive_loss_param { margin: \(margin) legacy_version: \(legacy) } }")
        net.known("a").copyData(from: distances.flatMap { [$0, 0] } + [500, 0])
        net.known("b").copyData(from: Array(repeating: 0, count: 2 * count))
        net.known("label").copyData(from: distances.map { _ in 0 } + [1])
        try net.forward()
        return MarginCheck(try #require(net.step(named: "loss")?.layer as? ContrastiveLossLayer))
    }

    @Test func aMarginThatFits() throws {
        #expect(try Self.check([0.5, 3]).sentence == nil)
        #expect(try Self.check([0.02, 0.02]).sentence == nil)
        #expect(try Self.check([]).sentence == nil)
    }

    @Test func aMarginBeyondReach() throws {
        let sentence = try #require(try Self.check([0.004, 0.002], margin: 2).sentence)
        #expect(sentence.hasPrefix("layer loss: in the first batch the mean distance of non-matching pairs is 0.003, "))
        #expect(sentence.contains("the margin of 2 can hardly be reached"))
        #expect(try Self.check([0, 0]).sentence != nil)
    }

    @Test func aMarginBelowAllDistances() throws {
        let sentence = try #require(try Self.check([2, 4]).sentence)
        #expect(sentence.contains("non-matching pairs is 3, and none is within the margin of 1, so nothing moves them"))
        // The legacy form compares the squared distance.
        #expect(try Self.check([2, 4], margin: 9, legacy: true).sentence == nil)
        #expect(try Self.check([3.5, 4], margin: 9, legacy: true).sentence != nil)
    }

    /// Ranks add up what they have seen.
    @Test func sumsOverRanks() throws {
        var check = try Self.check([2, 4])
        let near = try Self.check([0.5])
        check.sums = zip(check.sums, near.sums).map(+)
        #expect(check.sums == [3, 1, 6.5])
        #expect(check.sentence == nil)
    }
}
