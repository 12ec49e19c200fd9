import Nets
import Tensors
import TestSupport
import Testing

struct CropLayerTests {
    private func net(_ parameter: String = "", _ shape: Shape = [2, 3, 4, 5], to model: Shape = [2, 3, 2, 3]) -> String
    {
        TestNet.input("x", shape) + TestNet.input("model", model)
            + #"layer { name: "L" type: "Crop" bottom: "x" bottom: "model" top: "y" crop_param { \#(parameter) } }"#
    }

    @Test(
        arguments: [
            ("", [0, 0, 0, 0]), ("offset: 1", [0, 0, 1, 1]), ("offset: 2 offset: 1", [0, 0, 2, 1]),
            ("axis: 1 offset: 1 offset: 0 offset: 2", [0, 1, 0, 2]), ("axis: -1 offset: 2", [0, 0, 0, 2]),
        ] as [(String, [Int])])
    func cutsOutABlock(parameter: String, offset: [Int]) throws {
        let height = parameter.contains("-1") ? 4 : 2
        let channels = offset[1] == 0 ? 3 : 2
        let net = try TestNet.make(net(parameter, to: [2, channels, 2, 3]), forceBackward: true)
        let x = TestValues.uniform(120)
        net.input("x").copyData(from: x)
        try net.forward()
        var taken: [Int] = []
        for n in 0..<2 {
            for c in 0..<channels {
                for h in 0..<height {
                    for w in 0..<3 {
                        taken.append(((n * 3 + c + offset[1]) * 4 + h + offset[2]) * 5 + w + offset[3])
                    }
                }
            }
        }
        #expect(net.known("y").shape == [2, channels, height, 3])
        #expect(net.known("y").dataArray == taken.map { x[$0] })

        let dy = TestValues.uniform(taken.count, seed: 3)
        net.known("y").copyDiff(from: dy)
        net.input("x").copyDiff(from: Array(repeating: 9, count: 120))
        try net.backward()
        var dx = Array(repeating: Float(0), count: 120)
        for (index, value) in zip(taken, dy) { dx[index] = value }
        #expect(net.input("x").diffArray == dx)
    }

    @Test(arguments: [
        ("offset: 3", "cuts 2 from 3 on along axis 2, where \"x\" (2×3×4×5) has only 4"),
        ("offset: 0 offset: 0 offset: 0", "has 3 offsets for 2 axes from 2 on; give one, or one an axis"),
    ])
    func refuses(parameter: String, message: String) throws {
        #expect(try TestNet.fault(net(parameter)) == "layer L (Crop): \(message)")
    }
}
