import Nets
import Tensors
import TestSupport
import Testing

struct FlattenLayerTests {
    private func net(_ parameter: String = "") -> String {
        TestNet.input("x", [2, 3, 4, 5])
            + #"layer { name: "L" type: "Flatten" bottom: "x" top: "y" flatten_param { \#(parameter) } }"#
    }

    @Test(arguments: [
        ("", [2, 60]), ("axis: 2", [2, 3, 20]), ("axis: 1 end_axis: 2", [2, 12, 5]), ("axis: 0 end_axis: -2", [24, 5]),
        ("axis: 3", [2, 3, 4, 5]),
    ])
    func joinsAxes(parameter: String, shape: [Int]) throws {
        let net = try TestNet.make(net(parameter))
        let x = TestValues.uniform(120)
        net.input("x").copyData(from: x)
        try net.forward()
        #expect(net.known("y").shape == Shape(shape))
        #expect(net.known("y").dataArray == x)
    }

    @Test func anInPlaceLayerAfterItLeavesTheBottomWhole() throws {
        let net = try TestNet.make(net() + #"layer { name: "R" type: "ReLU" bottom: "y" top: "y" }"#)
        let x = TestValues.uniform(120)
        net.input("x").copyData(from: x)
        try net.forward()
        #expect(net.input("x").dataArray == x)
    }

    @Test func gradientAgreesWithDifferences() throws {
        #expect(try GradientChecker(net()).mismatches() == [])
    }

    @Test(arguments: ["flatten", "flatten_axis2", "flatten_1_2"])
    func agreesWithCaffe(golden: String) throws {
        #expect(try GoldenLayerCheck(golden).mismatches() == [])
    }

    @Test func refusesAnEndBeforeTheStart() throws {
        #expect(
            try TestNet.fault(net("axis: 2 end_axis: 1"))
                == "layer L (Flatten): flatten_param: axis 2 comes after end_axis 1 in bottom shape 2×3×4×5")
        #expect(
            try TestNet.fault(net("axis: 4"))
                == "layer L (Flatten): axis 4 does not exist in bottom \"x\" of shape 2×3×4×5")
    }
}
