import Nets
import Tensors
import TestSupport
import Testing

struct ReshapeLayerTests {
    private func net(_ parameter: String) -> String {
        TestNet.input("x", [2, 3, 4, 5])
            + #"layer { name: "L" type: "Reshape" bottom: "x" top: "y" reshape_param { \#(parameter) } }"#
    }

    @Test(
        arguments: [
            ("shape { dim: 0 dim: -1 }", [2, 60]), ("shape { dim: 0 dim: 0 dim: 2 dim: -1 }", [2, 3, 2, 10]),
            ("shape { dim: 12 } axis: 1 num_axes: 2", [2, 12, 5]),
            ("shape { dim: 1 dim: 1 } axis: -1", [2, 3, 4, 5, 1, 1]),
            ("shape { dim: 1 } axis: 1 num_axes: 0", [2, 1, 3, 4, 5]), ("shape { dim: -1 }", [120]),
            ("shape { dim: 0 dim: -1 } axis: 2", [2, 3, 4, 5]),
        ] as [(String, Shape)])
    func keepsTheNumbersInAnotherShape(parameter: String, shape: Shape) throws {
        let net = try TestNet.make(net(parameter), forceBackward: true)
        let (x, dy) = (TestValues.uniform(120), TestValues.uniform(120, seed: 2))
        net.input("x").copyData(from: x)
        try net.forward()
        #expect(net.known("y").shape == shape)
        #expect(net.known("y").dataArray == x)
        net.known("y").copyDiff(from: dy)
        try net.backward()
        #expect(net.input("x").diffArray == dy)
    }

    @Test(arguments: ["reshape_0_-1", "reshape_axis"]) func agreesWithCaffe(name: String) throws {
        #expect(try GoldenLayerCheck(name).mismatches() == [])
    }

    @Test(arguments: [
        (
            "shape { dim: 7 dim: -1 }",
            "can't make [7, -1] of a bottom of shape 2×3×4×5, which has 120 numbers; let dim: 0 or -1 stand for the "
                + "samples, of which each rank has a part, and give at most one -1"
        ),
        (
            "shape { dim: 1 dim: 1 dim: 1 dim: 1 dim: 0 }",
            "reshape_param: dim 0 in place 4 has no meaning for a bottom of shape 2×3×4×5"
        ),
        (
            "shape { dim: 1 } axis: 3 num_axes: 2",
            "reshape_param: num_axes 2 from axis 3 on do not exist in a bottom of shape 2×3×4×5"
        ),
    ])
    func refuses(parameter: String, message: String) throws {
        #expect(try TestNet.fault(net(parameter)) == "layer L (Reshape): \(message)")
    }
}
