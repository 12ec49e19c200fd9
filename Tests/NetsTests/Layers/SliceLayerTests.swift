import Nets
import Tensors
import TestSupport
import Testing

struct SliceLayerTests {
    private func net(_ shape: Shape, tops: Int, _ parameter: String = "") -> String {
        let names = (0..<tops).map { #"top: "y\#($0)" "# }.joined()
        return TestNet.input("x", shape) + #"layer { name: "L" type: "Slice" bottom: "x" \#(names) \#(parameter) }"#
    }

    @Test(arguments: ["axis: 1 slice_point: 1", "axis: -1 slice_point: 1", "slice_dim: 1 slice_point: 1"])
    func cutsAtThePoints(parameter: String) throws {
        let net = try TestNet.make(net([2, 3], tops: 2, "slice_param { \(parameter) }"))
        net.input("x").copyData(from: [0, 1, 2, 3, 4, 5])
        try net.forward()
        #expect(net.known("y0").dataArray == [0, 3])
        #expect(net.known("y1").shape == [2, 2])
        #expect(net.known("y1").dataArray == [1, 2, 4, 5])
    }

    @Test func cutsEvenlyWithoutPoints() throws {
        let net = try TestNet.make(net([4, 2], tops: 2, "slice_param { axis: 0 }"))
        net.input("x").copyData(from: (0..<8).map(Float.init))
        try net.forward()
        #expect(net.known("y0").dataArray == [0, 1, 2, 3])
        #expect(net.known("y1").dataArray == [4, 5, 6, 7])
    }

    @Test func gradientAgreesWithDifferences() throws {
        let slice = "slice_param { slice_point: 1 slice_point: 4 }"
        #expect(try GradientChecker(net([2, 6, 2], tops: 3, slice)).mismatches() == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("slice_axis1").mismatches() == [])
    }

    @Test(arguments: [
        ("", "can't cut 5 into 2 equal parts; give slice_point"),
        ("slice_point: 1 slice_point: 2", "has 2 slice_point for 2 tops; 2 parts have 1 borders"),
        ("slice_point: 5", "slice_point [5] must rise and lie inside the axis, which has length 5"),
        ("axis: 1 slice_dim: 1", "slice_param: axis and slice_dim mean the same; give one of them"),
        ("axis: 3", "axis 3 does not exist in bottom \"x\" of shape 2×5"),
    ])
    func refusesCutsThatDoNotFit(parameter: String, message: String) throws {
        #expect(
            try TestNet.fault(net([2, 5], tops: 2, "slice_param { \(parameter) }")) == "layer L (Slice): \(message)")
    }
}
