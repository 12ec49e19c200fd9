import Nets
import Tensors
import TestSupport
import Testing

struct PReLULayerTests {
    private let uniform = #"filler { type: "uniform" min: 0.1 max: 0.6 }"#

    private func net(_ parameter: String, top: String = "y", shape: Shape = [2, 3, 4]) -> String {
        TestNet.input("x", shape)
            + #"layer { name: "L" type: "PReLU" bottom: "x" top: "\#(top)" prelu_param { \#(parameter) } }"#
    }

    private let x = TestValues.uniform(24, kinks: [0])

    @Test(arguments: [false, true], ["x", "y"])
    func slopeBelowZeroIsTheChannels(isShared: Bool, top: String) throws {
        let net = try TestNet.make(net("channel_shared: \(isShared) \(uniform)", top: top))
        net.parameters.fill(seed: 2)
        net.input("x").copyData(from: x)
        try net.forward()
        let slopes = net.parameters.parameters[0].blob.dataArray
        #expect(slopes.count == (isShared ? 1 : 3))
        let y = x.indices.map { x[$0] > 0 ? x[$0] : x[$0] * slopes[isShared ? 0 : $0 / 4 % 3] }
        #expect(Compare.mismatch("y", net.known(top).dataArray, y) == nil)
    }

    @Test(arguments: [false, true]) func gradientAgreesWithDifferences(isShared: Bool) throws {
        let checker = try GradientChecker(net("channel_shared: \(isShared) \(uniform)"))
        checker.set("x", x)
        #expect(try checker.mismatches() == [])
    }

    /// Gradients of bottom and slopes after two backward passes.
    private func gradients(top: String) throws -> [[Float]] {
        let net = try TestNet.make(net(uniform, top: top), forceBackward: true)
        net.parameters.fill(seed: 2)
        for _ in 0..<2 {
            net.input("x").copyData(from: x)
            try net.forward()
            net.known(top).copyDiff(from: TestValues.uniform(24, seed: 3))
            try net.backward()
        }
        return [net.input("x").diffArray, net.parameters.parameters[0].blob.diffArray]
    }

    @Test func gradientInPlaceIsTheSame() throws {
        #expect(try gradients(top: "x") == gradients(top: "y"))
    }

    @Test func slopesStartAtAQuarter() throws {
        let net = try TestNet.make(net(""))
        net.parameters.fill(seed: 1)
        #expect(net.parameters.parameters[0].blob.dataArray == [0.25, 0.25, 0.25])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("prelu").mismatches() == [])
    }

    @Test func refusesWhatHasNoChannels() throws {
        #expect(
            try TestNet.fault(net("", shape: [4]))
                == "layer L (PReLU): needs a bottom of N × C × …, but \"x\" is 4")
    }
}
