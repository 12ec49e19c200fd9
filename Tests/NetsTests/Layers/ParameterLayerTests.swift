import Nets
import TestSupport
import Testing

struct ParameterLayerTests {
    private func net(_ shape: String = "dim: 2 dim: 3", rest: String = "") -> String {
        #"layer { name: "L" type: "Parameter" top: "y" parameter_param { shape { \#(shape) } } \#(rest) }"#
    }

    @Test func topIsTheParameter() throws {
        let net = try TestNet.make(net(), forceBackward: true)
        let parameter = net.parameters.parameters[0]
        #expect(parameter.shape == [2, 3])
        parameter.blob.copyData(from: [1, 2, 3, 4, 5, 6])
        try net.forward()
        #expect(net.known("y").dataArray == [1, 2, 3, 4, 5, 6])
        for times in 1...2 {
            net.known("y").copyDiff(from: [1, 0, -1, 2, 0.5, 0])
            try net.backward()
            #expect(parameter.blob.diffArray == [1, 0, -1, 2, 0.5, 0].map { $0 * Float(times) })
        }
    }

    @Test func gradientAgreesWithDifferences() throws {
        let square = #"layer { name: "P" type: "Power" bottom: "y" top: "z" power_param { power: 2 shift: 1 } }"#
        #expect(try GradientChecker(net() + square).mismatches() == [])
    }

    @Test func refusesAnEmptyShape() throws {
        #expect(
            try TestNet.fault(net("dim: 0"))
                == "layer L (Parameter): parameter_param: lengths of a shape must be 1 or more, found [0]")
    }
}
