import Nets
import Tensors
import TestSupport
import Testing

struct TileLayerTests {
    private func net(_ parameter: String) -> String {
        TestNet.input("x", [2, 3, 2])
            + #"layer { name: "L" type: "Tile" bottom: "x" top: "y" tile_param { \#(parameter) } }"#
    }

    @Test(arguments: [(1, 6), (2, 2), (-1, 2)]) func repeatsAlongTheAxis(axis: Int, run: Int) throws {
        let net = try TestNet.make(net("axis: \(axis) tiles: 3"))
        let x = TestValues.uniform(12)
        net.input("x").copyData(from: x)
        try net.forward()
        #expect(net.known("y").shape == (axis == 1 ? [2, 9, 2] : [2, 3, 6]))
        let expected = stride(from: 0, to: 12, by: run).flatMap { start in
            (0..<3).flatMap { _ in Array(x[start..<start + run]) }
        }
        #expect(net.known("y").dataArray == expected)
    }

    @Test func gradientAgreesWithDifferences() throws {
        #expect(try GradientChecker(net("tiles: 3")).mismatches() == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("tile").mismatches() == [])
    }

    @Test func refusesNoTiles() throws {
        #expect(
            try TestNet.fault(net(""))
                == "layer L (Tile): has tiles 0; tile_param { tiles } must be 1 or more")
    }
}
