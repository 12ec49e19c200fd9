import Foundation
import Nets
import Tensors
import TestSupport
import Testing

struct SoftmaxLayerTests {
    private func net(_ parameter: String = "", top: String = "y") -> String {
        TestNet.input("x", [2, 4, 3])
            + #"layer { name: "L" type: "Softmax" bottom: "x" top: "\#(top)" softmax_param { \#(parameter) } }"#
    }

    @Test(arguments: [0, 1, 2], ["x", "y"])
    func forwardSumsToOneAlongTheAxis(axis: Int, top: String) throws {
        let net = try TestNet.make(net("axis: \(axis)", top: top))
        // Large enough to overflow without the maximum taken off.
        let x = TestValues.uniform(24, 80...120)
        net.input("x").copyData(from: x)
        try net.forward()
        let shape: Shape = [2, 4, 3]
        let inner = shape.count(from: axis + 1)
        let expected = x.indices.map { index in
            let first = index - index / inner % shape[axis] * inner
            let column = (0..<shape[axis]).map { Double(x[first + $0 * inner]) }
            return Float(exp(Double(x[index]) - 100) / column.reduce(0) { $0 + exp($1 - 100) })
        }
        #expect(Compare.mismatch("y", net.known(top).dataArray, expected) == nil)
    }

    @Test(arguments: [0, 1, 2])
    func gradientAgreesWithDifferences(axis: Int) throws {
        #expect(try GradientChecker(net("axis: \(axis)")).mismatches() == [])
    }

    @Test(arguments: ["softmax", "softmax_4d", "softmax_axis2"])
    func agreesWithCaffe(golden: String) throws {
        #expect(try GoldenLayerCheck(golden).mismatches() == [])
    }

    @Test func refusesAnUnknownAxis() throws {
        #expect(
            try TestNet.fault(net("axis: 3"))
                == "layer L (Softmax): axis 3 does not exist in bottom \"x\" of shape 2×4×3")
    }
}
