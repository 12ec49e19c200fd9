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
