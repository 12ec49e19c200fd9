import Nets
import Tensors
import TestSupport
import Testing

struct ConcatLayerTests {
    private func net(_ shapes: [Shape], _ parameter: String = "") -> String {
        let names = shapes.indices.map { "x\($0)" }
        return zip(names, shapes).map { TestNet.input($0, $1) }.joined()
            + #"layer { name: "L" type: "Concat" \#(names.map { #"bottom: "\#($0)" "# }.joined()) top: "y" \#(parameter) }"#
    }

    @Test(arguments: ["axis: 1", "axis: -2", "concat_dim: 1", ""])
    func joinsAlongTheSecondAxis(parameter: String) throws {
        let net = try TestNet.make(net([[2, 3, 2], [2, 1, 2]], "concat_param { \(parameter) }"))
        net.input("x0").copyData(from: (0..<12).map(Float.init))
        net.input("x1").copyData(from: [20, 21, 22, 23])
        try net.forward()
        #expect(net.known("y").shape == [2, 4, 2])
        #expect(net.known("y").dataArray == [0, 1, 2, 3, 4, 5, 20, 21, 6, 7, 8, 9, 10, 11, 22, 23])
    }

    @Test func joinsSamples() throws {
        let net = try TestNet.make(net([[2, 2], [1, 2]], "concat_param { axis: 0 }"))
        net.input("x0").copyData(from: [0, 1, 2, 3])
        net.input("x1").copyData(from: [4, 5])
        try net.forward()
        #expect(net.known("y").shape == [3, 2])
        #expect(net.known("y").dataArray == [0, 1, 2, 3, 4, 5])
    }

    @Test func gradientAgreesWithDifferences() throws {
        #expect(try GradientChecker(net([[2, 3, 2], [2, 1, 2], [2, 2, 2]])).mismatches() == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("concat_axis1").mismatches() == [])
    }

    @Test func refusesShapesThatDoNotFit() throws {
        #expect(
            try TestNet.fault(net([[2, 3, 2], [2, 1, 3]]))
                == "layer L (Concat): joins along axis 1, so all other lengths must agree, but bottom \"x0\" is 2×3×2 and "
                + "\"x1\" is 2×1×3")
        #expect(
            try TestNet.fault(net([[2, 3], [2, 3]], "concat_param { axis: 2 }"))
                == "layer L (Concat): axis 2 does not exist in bottom \"x0\" of shape 2×3")
        #expect(
            try TestNet.fault(net([[2, 3], [2, 3]], "concat_param { axis: 1 concat_dim: 1 }"))
                == "layer L (Concat): concat_param: axis and concat_dim mean the same; give one of them")
    }
}
