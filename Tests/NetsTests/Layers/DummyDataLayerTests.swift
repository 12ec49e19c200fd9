import Nets
import Tensors
import TestSupport
import Testing

struct DummyDataLayerTests {
    private func net(_ parameter: String, tops: String = #"top: "a""#) -> String {
        #"layer { name: "L" type: "DummyData" \#(tops) dummy_data_param { \#(parameter) } }"#
    }

    private let gaussian = #"data_filler { type: "gaussian" }"#

    @Test func fillsEachTop() throws {
        let shapes = "shape { dim: 2 dim: 3 } shape { dim: 4 }"
        let fillers = "data_filler { value: 5 } \(gaussian)"
        let net = try TestNet.make(net("\(shapes) \(fillers)", tops: #"top: "a" top: "b""#))
        try net.forward()
        #expect(net.known("a").shape == [2, 3])
        #expect(net.known("a").dataArray == Array(repeating: 5, count: 6))
        #expect(Set(net.known("b").dataArray).count == 4)
    }

    @Test func takesTheOldFields() throws {
        let net = try TestNet.make(net("num: 2 channels: 3 height: 1 width: 1 num: 4", tops: #"top: "a" top: "b""#))
        try net.forward()
        #expect(net.known("a").shape == [2, 3, 1, 1])
        #expect(net.known("b").shape == [4, 3, 1, 1])
        #expect(net.known("b").dataArray.allSatisfy { $0 == 0 })
    }

    @Test func eachForwardHasItsOwnNumbers() throws {
        let net = try TestNet.make(net("shape { dim: 2 dim: 3 } \(gaussian)"))
        try net.forward()
        let first = net.known("a").dataArray
        try net.forward()
        #expect(Set(first).isDisjoint(with: net.known("a").dataArray))
    }

    /// Both tops of a shard of a batch of 4: one has the batch as its first axis, the other not.
    private func tops(_ shard: Range<Int>) throws -> [[Float]] {
        let context = NetContext(phase: .train, globalBatch: 4, shard: shard)
        let shapes = "shape { dim: 4 dim: 3 } shape { dim: 5 }"
        let net = try TestNet.make(net("\(shapes) \(gaussian)", tops: #"top: "a" top: "b""#), context)
        context.firstPosition = 40 + shard.lowerBound
        try net.forward()
        return [net.known("a").dataArray, net.known("b").dataArray]
    }

    @Test func ranksShareTheBatch() throws {
        let (whole, left, right) = (try tops(0..<4), try tops(0..<1), try tops(1..<4))
        #expect(left[0] + right[0] == whole[0])
        #expect(left[1] == whole[1] && right[1] == whole[1])
    }

    @Test(arguments: [
        ("", "has 0 shape for 1 tops; dummy_data_param must give one for all or one a top"),
        ("shape { dim: 0 }", "dummy_data_param: lengths of a shape must be 1 or more, found [[0]]"),
        (
            "shape { dim: 1 } num: 1",
            "dummy_data_param: give shape, or num, channels, height and width, and not both"
        ),
        (
            "num: 1 channels: 2",
            "dummy_data_param: num, channels, height and width must each be given, for all tops or for each"
        ),
    ])
    func refuses(parameter: String, message: String) throws {
        #expect(try TestNet.fault(net(parameter)) == "layer L (DummyData): \(message)")
    }
}
