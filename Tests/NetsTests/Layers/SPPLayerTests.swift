import Nets
import Tensors
import TestSupport
import Testing

struct SPPLayerTests {
    private func net(_ parameter: String, shape: Shape = [2, 3, 6, 8]) -> String {
        TestNet.input("x", shape)
            + #"layer { name: "L" type: "SPP" bottom: "x" top: "y" spp_param { \#(parameter) } }"#
    }

    @Test(arguments: ["MAX", "AVE"], [[2, 3, 6, 8], [2, 3, 5, 7], [1, 2, 4, 4]] as [Shape])
    func poolsEachLevel(method: String, shape: Shape) throws {
        let net = try TestNet.make(net("pyramid_height: 2 pool: \(method)", shape: shape))
        let x = TestValues.uniform(shape.count)
        net.input("x").copyData(from: x)
        try net.forward()
        let (height, width) = (shape[2], shape[3])
        /// The windows of half an axis; an odd one has its pad before the first.
        func half(_ length: Int, _ part: Int) -> Range<Int> {
            let kernel = (length + 1) / 2
            return part == 0 ? 0..<kernel - length % 2 : kernel - length % 2..<length
        }
        func pooled(_ plane: Int, _ rows: Range<Int>, _ columns: Range<Int>, cells: Int) -> Float {
            let values = rows.flatMap { h in columns.map { x[(plane * height + h) * width + $0] } }
            return method == "MAX" ? values.max()! : values.reduce(0, +) / Float(cells)
        }
        var expected: [Float] = []
        for n in 0..<shape[0] {
            let planes = n * shape[1]..<(n + 1) * shape[1]
            for plane in planes { expected.append(pooled(plane, 0..<height, 0..<width, cells: height * width)) }
            for plane in planes {
                for part in 0..<4 {
                    // Padding counts as cells, as in Pooling.
                    let cells = ((height + 1) / 2) * ((width + 1) / 2)
                    expected.append(pooled(plane, half(height, part / 2), half(width, part % 2), cells: cells))
                }
            }
        }
        #expect(net.known("y").shape == [shape[0], shape[1] * 5])
        #expect(Compare.mismatch("y", net.known("y").dataArray, expected) == nil)
    }

    @Test(arguments: ["MAX", "AVE"], [1, 2, 3]) func gradientAgreesWithDifferences(method: String, height: Int) throws {
        let checker = try GradientChecker(net("pyramid_height: \(height) pool: \(method)", shape: [1, 2, 7, 8]))
        // Far enough apart that no step changes a maximum.
        checker.set("x", (0..<112).map { Float($0 * 37 % 112) / 20 })
        #expect(try checker.mismatches() == [])
    }

    @Test func oneLevelKeepsItsAxes() throws {
        #expect(try TestNet.make(net("pyramid_height: 1")).known("y").shape == [2, 3, 1, 1])
    }

    @Test(arguments: [
        ("", "has pyramid_height 0; spp_param { pyramid_height } must be 1 or more"),
        ("pyramid_height: 1 pool: STOCHASTIC", "has pool STOCHASTIC, which this program does not have; use MAX or AVE"),
        (
            "pyramid_height: 5",
            "can't cut \"x\" (2×3×6×8) into 8×8 windows; use a lower pyramid_height or larger images"
        ),
    ])
    func refuses(parameter: String, message: String) throws {
        #expect(try TestNet.fault(net(parameter)) == "layer L (SPP): \(message)")
    }
}
