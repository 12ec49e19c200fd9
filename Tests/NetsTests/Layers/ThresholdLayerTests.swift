import Nets
import TestSupport
import Testing

struct ThresholdLayerTests {
    private func net(_ parameter: String = "", top: String = "y") -> String {
        TestNet.input("x", [3, 4]) + #"layer { name: "L" type: "Threshold" bottom: "x" top: "\#(top)" \#(parameter) }"#
    }

    @Test(arguments: [0, 0.25] as [Float], ["x", "y"])
    func isOneAboveTheThreshold(threshold: Float, top: String) throws {
        let net = try TestNet.make(net("threshold_param { threshold: \(threshold) }", top: top))
        var x = TestValues.uniform(12)
        x[3] = threshold
        net.input("x").copyData(from: x)
        try net.forward()
        #expect(net.known(top).dataArray == x.map { $0 > threshold ? 1 : 0 })
    }

    @Test func passesNoGradient() throws {
        #expect(try TestNet.make(net(), forceBackward: true).step(named: "L")?.propagateDown == [false])
    }
}
