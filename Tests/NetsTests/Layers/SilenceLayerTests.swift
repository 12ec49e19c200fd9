import Nets
import TestSupport
import Testing

struct SilenceLayerTests {
    private let net =
        TestNet.input("x", [2, 3]) + TestNet.input("z", [2])
        + #"layer { name: "L" type: "Silence" bottom: "x" bottom: "z" }"#

    @Test func takesBlobsOffTheOutputs() throws {
        #expect(try TestNet.make(net).outputs.isEmpty)
    }

    @Test func gradientIsZero() throws {
        let net = try TestNet.make(net, forceBackward: true)
        net.input("x").copyDiff(from: Array(repeating: 3, count: 6))
        try net.forward()
        try net.backward()
        #expect(net.input("x").diffArray == Array(repeating: 0, count: 6))
    }

    @Test func addsNothingToTheGradientOfAnother() throws {
        let inner = #"layer { name: "P" type: "Power" bottom: "x" top: "p" }"#
        let loss = #"layer { name: "R" type: "Reduction" bottom: "p" top: "loss" loss_weight: 1 }"#
        let silence = #"layer { name: "L" type: "Silence" bottom: "p" }"#
        let net = try TestNet.make(TestNet.input("x", [2, 3]) + inner + loss + silence, forceBackward: true)
        try net.forward()
        try net.backward()
        #expect(net.input("x").diffArray == Array(repeating: 1, count: 6))
    }
}
