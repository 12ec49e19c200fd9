import Nets
import Tensors
import TestSupport
import Testing

struct L2NormalizeLayerTests {
    private func net(_ parameter: String = "", shape: Shape = [3, 4], top: String = "y") -> String {
        TestNet.input("x", shape)
            + #"layer { name: "L" type: "L2Normalize" bottom: "x" top: "\#(top)" l2_normalize_param { \#(parameter) } }"#
    }

    @Test(arguments: [[3, 4], [3, 2, 2, 1]] as [Shape]) func dividesEachSampleByItsNorm(shape: Shape) throws {
        let net = try TestNet.make(net("eps: 0.5", shape: shape))
        let x = TestValues.uniform(12)
        net.input("x").copyData(from: x)
        try net.forward()
        let expected = x.indices.map { index in
            let sample = index / 4 * 4..<index / 4 * 4 + 4
            return x[index] / (sample.reduce(Float(0.5)) { $0 + x[$1] * x[$1] }).squareRoot()
        }
        #expect(net.known("y").shape == shape)
        #expect(Compare.mismatch("y", net.known("y").dataArray, expected) == nil)
    }

    @Test(arguments: ["", "eps: 0.5"]) func gradientAgreesWithDifferences(parameter: String) throws {
        let checker = try GradientChecker(net(parameter))
        checker.set("x", TestValues.uniform(12, kinks: [0], distance: 0.3))
        #expect(try checker.mismatches() == [])
    }

    @Test func zeroStaysZero() throws {
        let net = try TestNet.make(net(), forceBackward: true)
        net.input("x").copyData(from: [3, 0, 4, 0] + Array(repeating: 0, count: 8))
        try net.forward()
        #expect(
            Compare.mismatch("y", net.known("y").dataArray, [0.6, 0, 0.8, 0] + Array(repeating: 0, count: 8)) == nil)
        net.known("y").copyDiff(from: Array(repeating: 1, count: 12))
        try net.backward()
        #expect(net.input("x").diffArray.allSatisfy { $0.isFinite })
    }

    @Test func hasNoParameters() throws {
        #expect(try TestNet.make(net()).parameters.parameters.isEmpty)
    }

    @Test func refusesWhatDoesNotFit() throws {
        #expect(
            try TestNet.fault(net(shape: [4])) == "layer L (L2Normalize): needs a bottom of N × C, but \"x\" is 4")
        #expect(
            try TestNet.fault(net("eps: -1")) == "layer L (L2Normalize): has eps -1.0, which must not be negative")
        #expect(
            try TestNet.fault(net(top: "x"))
                == "layer L (L2Normalize): can't work in place: give its top another name than its bottom \"x\"")
    }
}
