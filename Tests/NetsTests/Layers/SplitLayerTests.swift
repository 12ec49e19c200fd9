import Nets
import Tensors
import TestSupport
import Testing

struct SplitLayerTests {
    private let net =
        TestNet.input("x", [2, 5]) + #"layer { name: "L" type: "Split" bottom: "x" top: "a" top: "b" top: "c" }"#

    @Test func topsShareTheBottomsData() throws {
        let net = try TestNet.make(net)
        net.input("x").copyData(from: TestValues.uniform(10))
        for top in ["a", "b", "c"] { #expect(net.known(top).dataArray == TestValues.uniform(10)) }
    }

    @Test func gradientIsTheSum() throws {
        let net = try TestNet.make(net, forceBackward: true)
        for (index, top) in ["a", "b", "c"].enumerated() {
            net.known(top).copyDiff(from: Array(repeating: Float(1 << index), count: 10))
        }
        net.input("x").copyDiff(from: Array(repeating: 100, count: 10))
        try net.backward()
        #expect(net.input("x").diffArray == Array(repeating: 7, count: 10))
    }

    @Test func gradientAgreesWithDifferences() throws {
        #expect(try GradientChecker(net).mismatches() == [])
    }

    @Test func keepsTheLayout() throws {
        let layer = try SplitLayer(.init(), context: NetContext(phase: .train))
        let x = Blob([1, 3, 2, 2], layout: .blocked(8))
        let tops = [Blob(), Blob()]
        #expect(layer.bottomLayouts([x]) == [.blocked(8)])
        try layer.setUp(bottom: [x], top: tops)
        #expect(tops.allSatisfy { $0.layout == .blocked(8) && $0.shape == x.shape })
    }
}
