import Nets
import Tensors
import TestSupport
import Testing

struct EltwiseLayerTests {
    private func net(_ parameter: String, c: Shape = [2, 3, 4]) -> String {
        TestNet.input("a", [2, 3, 4]) + TestNet.input("b", [2, 3, 4]) + TestNet.input("c", c)
            + """
            layer {
              name: "L" type: "Eltwise" bottom: "a" bottom: "b" bottom: "c" top: "y" eltwise_param { \(parameter) }
            }
            """
    }

    private let inputs = (0..<3).map { TestValues.uniform(24, seed: 20 + UInt64($0)) }

    @Test(arguments: ["", "coeff: 1 coeff: -2 coeff: 0.5", "operation: PROD", "operation: MAX"])
    func combinesNumberByNumber(parameter: String) throws {
        let net = try TestNet.make(net(parameter))
        for (name, values) in zip(["a", "b", "c"], inputs) { net.input(name).copyData(from: values) }
        try net.forward()
        let expected = (0..<24).map { i in
            let (a, b, c) = (inputs[0][i], inputs[1][i], inputs[2][i])
            return switch parameter {
            case "": a + b + c
            case "operation: PROD": a * b * c
            case "operation: MAX": max(a, b, c)
            default: a - 2 * b + 0.5 * c
            }
        }
        #expect(Compare.mismatch("y", net.known("y").dataArray, expected) == nil)
    }

    @Test(arguments: ["", "coeff: 1 coeff: -2 coeff: 0.5", "operation: PROD", "operation: MAX"])
    func gradientAgreesWithDifferences(parameter: String) throws {
        let checker = try GradientChecker(net(parameter))
        // Far enough apart that no step changes the maximum.
        for (index, name) in ["a", "b", "c"].enumerated() {
            checker.set(name, inputs[index].map { ($0 * 9).rounded() / 9 + 0.037 * Float(index) })
        }
        #expect(try checker.mismatches() == [])
    }

    @Test func ofEqualsTheSecondWinsBeforeTheFirst() throws {
        let net = try TestNet.make(net("operation: MAX"), forceBackward: true)
        for name in ["a", "b", "c"] { net.input(name).copyData(from: Array(repeating: 1, count: 24)) }
        try net.forward()
        net.known("y").copyDiff(from: Array(repeating: 2, count: 24))
        try net.backward()
        #expect(["a", "b", "c"].map { net.input($0).diffArray[5] } == [0, 2, 0])
    }

    @Test(arguments: ["eltwise_sum", "eltwise_sum_coeff", "eltwise_prod", "eltwise_max"])
    func agreesWithCaffe(name: String) throws {
        #expect(try GoldenLayerCheck(name).mismatches() == [])
    }

    @Test func refusesWhatDoesNotFit() throws {
        #expect(
            try TestNet.fault(net("", c: [2, 3]))
                == "layer L (Eltwise): takes blobs of one shape, found \"a\" 2×3×4 and \"c\" 2×3")
        #expect(
            try TestNet.fault(net("coeff: 1"))
                == "layer L (Eltwise): has 1 coeff for 3 bottoms; give one a bottom, or none")
        #expect(
            try TestNet.fault(net("operation: PROD coeff: 1"))
                == "layer L (Eltwise): has coeff, which only operation SUM takes")
    }
}
