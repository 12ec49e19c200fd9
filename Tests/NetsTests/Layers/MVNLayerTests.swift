import Nets
import Tensors
import TestSupport
import Testing

struct MVNLayerTests {
    private func net(_ parameter: String = "", top: String = "y", shape: Shape = [2, 3, 4]) -> String {
        TestNet.input("x", shape)
            + #"layer { name: "L" type: "MVN" bottom: "x" top: "\#(top)" mvn_param { \#(parameter) } }"#
    }

    private let x = TestValues.uniform(24, -1...3)

    private func normalized(run: Int, variance: Bool) -> [Float] {
        stride(from: 0, to: 24, by: run).flatMap { start in
            let values = x[start..<start + run].map(Double.init)
            let mean = values.reduce(0, +) / Double(run)
            let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(run)).squareRoot()
            return values.map { Float(($0 - mean) / (variance ? deviation + 1e-9 : 1)) }
        }
    }

    @Test(arguments: [false, true], ["x", "y"]) func takesMeanAndVarianceOff(isAcross: Bool, top: String) throws {
        for variance in [false, true] {
            let net = try TestNet.make(net("across_channels: \(isAcross) normalize_variance: \(variance)", top: top))
            net.input("x").copyData(from: x)
            try net.forward()
            let expected = normalized(run: isAcross ? 12 : 4, variance: variance)
            #expect(Compare.mismatch("y", net.known(top).dataArray, expected) == nil)
        }
    }

    @Test(arguments: ["", "across_channels: true", "normalize_variance: false"])
    func gradientAgreesWithDifferences(parameter: String) throws {
        let checker = try GradientChecker(net(parameter))
        checker.set("x", x)
        #expect(try checker.mismatches() == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("mvn").mismatches() == [])
    }

    @Test func refusesWhatHasNoChannels() throws {
        #expect(
            try TestNet.fault(net(shape: [4])) == "layer L (MVN): needs a bottom of N × C × …, but \"x\" is 4")
    }
}
