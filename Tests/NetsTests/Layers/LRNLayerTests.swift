import Foundation
import Nets
import Tensors
import TestSupport
import Testing

/// Both engines: `LRNLayer` and `DNNLLRNLayer`.
struct LRNLayerTests {
    typealias Engine = NetContext.Engine

    private func net(_ parameter: String, shape: Shape = [2, 7, 3, 4]) -> String {
        TestNet.input("x", shape) + #"layer { name: "L" type: "LRN" bottom: "x" top: "y" lrn_param { \#(parameter) } }"#
    }

    private func context(_ engine: Engine) -> NetContext { NetContext(phase: .train, defaultEngine: engine) }

    @Test(arguments: ["lrn_across_n5", "lrn_across_n5_big", "lrn_within_n5"], Engine.allCases)
    func agreesWithCaffe(name: String, engine: Engine) throws {
        #expect(try GoldenLayerCheck(name, engine: engine).mismatches() == [])
    }

    @Test(
        arguments: [
            "local_size: 5 alpha: 1 beta: 0.75", "local_size: 3 alpha: 2 beta: 0.6 k: 2",
            "local_size: 3 alpha: 1 beta: 0.75 norm_region: WITHIN_CHANNEL",
        ], Engine.allCases)
    func gradientIsTheDerivative(parameter: String, engine: Engine) throws {
        #expect(try GradientChecker(net(parameter), context(engine)).mismatches() == [])
    }

    @Test(arguments: [0.75, 0.5] as [Float], Engine.allCases)
    func forwardIsTheFormula(beta: Float, engine: Engine) throws {
        let net = try TestNet.make(net("local_size: 3 alpha: 1.5 beta: \(beta) k: 2"), context(engine))
        let x = TestValues.uniform(2 * 7 * 12)
        net.input("x").copyData(from: x)
        try net.forward()
        let expected = x.indices.map { index in
            let channel = index / 12 % 7
            var sum: Float = 0
            for other in max(0, channel - 1)...min(6, channel + 1) {
                let value = x[index + (other - channel) * 12]
                sum += value * value
            }
            return x[index] * pow(2 + 1.5 / 3 * sum, -beta)
        }
        #expect(Compare.mismatch("y", net.known("y").plainData, expected) == nil)
    }

    @Test(arguments: Engine.allCases)
    func refusesEvenSize(engine: Engine) throws {
        #expect(
            try TestNet.fault(net("local_size: 4"), context(engine))
                == "layer L (LRN): has local_size 4, which must be odd and at most 2147483647")
    }

    @Test(arguments: Engine.allCases)
    func refusesWhatIsNoImage(engine: Engine) throws {
        #expect(
            try TestNet.fault(net("", shape: [2, 4]), context(engine))
                == "layer L (LRN): needs a bottom of N × C × H × W, but \"x\" is 2×4")
    }
}
