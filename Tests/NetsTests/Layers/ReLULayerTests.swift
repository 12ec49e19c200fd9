import Nets
import Tensors
import TestSupport
import Testing

struct ReLULayerTests {
    private func net(_ parameter: String = "", top: String = "y") -> String {
        TestNet.input("x", [3, 4, 5]) + #"layer { name: "L" type: "ReLU" bottom: "x" top: "\#(top)" \#(parameter) }"#
    }

    @Test(arguments: [0, 0.25] as [Float], ["x", "y"])
    func forwardKeepsWhatIsPositive(slope: Float, top: String) throws {
        let net = try TestNet.make(net("relu_param { negative_slope: \(slope) }", top: top))
        let x = TestValues.uniform(60)
        net.input("x").copyData(from: x)
        try net.forward()
        #expect(net.known(top).dataArray == x.map { $0 > 0 ? $0 : slope * $0 })
    }

    @Test(arguments: [0, 0.25, -0.5] as [Float])
    func gradientIsTheDerivative(slope: Float) throws {
        let checker = try GradientChecker(net("relu_param { negative_slope: \(slope) }"))
        checker.set("x", TestValues.uniform(60, kinks: [0]))
        #expect(try checker.mismatches() == [])
    }

    @Test func gradientInPlaceIsThatOfTheOutput() throws {
        let net = try TestNet.make(net(top: "x"), forceBackward: true)
        let (x, dy) = (TestValues.uniform(60), TestValues.uniform(60, seed: 2))
        net.input("x").copyData(from: x)
        try net.forward()
        net.known("x").copyDiff(from: dy)
        try net.backward()
        #expect(net.input("x").diffArray == zip(x, dy).map { $0 > 0 ? $1 : 0 })
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("relu").mismatches() == [])
    }

    @Test func refusesNegativeSlopeInPlace() throws {
        #expect(
            try TestNet.fault(net("relu_param { negative_slope: -1 }", top: "x"))
                == "layer L (ReLU): can't work in place with negative_slope -1.0 below 0; give its top a name of its own"
        )
    }

    /// Two bfloat16 numbers in the place of a float: all pairs of signs and zeros, in place and not.
    @Test(arguments: [false, true])
    func worksOnBFloat16(inPlace: Bool) throws {
        let numbers: [UInt32] = [0x3f80, 0xbf80, 0x0000, 0x8000, 0x0001, 0x8001, 0x7f7f, 0xff7f]
        let pairs = numbers.flatMap { high in numbers.map { high << 16 | $0 } }
        func rectified(_ number: UInt32) -> UInt32 { number >= 0x8000 ? 0 : number }
        let layer = try ReLULayer(.init(), context: NetContext(phase: .train))
        let x = Blob([1, 16, 4, 2], layout: .blockedBF16(16))
        let y = inPlace ? x : Blob()
        x.copyData(from: pairs.map { Float(bitPattern: $0) })
        #expect(layer.readsBFloat16)
        try layer.setUp(bottom: [x], top: [y])
        layer.forward(bottom: [x], top: [y])
        #expect(y.layout == x.layout)
        #expect(y.dataArray.map(\.bitPattern) == pairs.map { rectified($0 >> 16) << 16 | rectified($0 & 0xffff) })
        x.allocateDiff()
        y.allocateDiff()
        y.copyDiff(from: pairs.indices.map { Float(bitPattern: 0xc123_4567 &+ UInt32($0)) })
        let dy = y.diffArray.map(\.bitPattern)
        layer.backward(top: [y], propagateDown: [true], bottom: [x])
        #expect(
            x.diffArray.map(\.bitPattern)
                == zip(pairs, dy).map { pair, dy in
                    (rectified(pair >> 16) == 0 ? 0 : dy & 0xffff_0000)
                        | (rectified(pair & 0xffff) == 0 ? 0 : dy & 0xffff)
                })
    }

    @Test func worksOnAnyLayout() throws {
        let (shape, layout) = ([2, 3, 2, 2] as Shape, Layout.blocked(8))
        let layer = try ReLULayer(.init(), context: NetContext(phase: .train))
        let (x, y) = (Blob(shape, layout: layout), Blob())
        x.copyData(from: TestValues.uniform(x.storageCount))
        #expect(layer.bottomLayouts([x]) == [layout])
        try layer.setUp(bottom: [x], top: [y])
        layer.forward(bottom: [x], top: [y])
        #expect(y.layout == layout)
        #expect(y.dataArray == x.dataArray.map { max($0, 0) })
    }
}
