import Nets
import Tensors
import TestSupport
import Testing

struct EuclideanLossLayerTests {
    private func net(a: Shape = [4, 3, 2], b: Shape = [4, 3, 2]) -> String {
        TestNet.input("a", a) + TestNet.input("b", b)
            + #"layer { name: "L" type: "EuclideanLoss" bottom: "a" bottom: "b" top: "loss" }"#
    }

    @Test func forwardIsHalfTheMeanSquare() throws {
        let net = try TestNet.make(net())
        let (a, b) = (TestValues.uniform(24), TestValues.uniform(24, seed: 2))
        net.input("a").copyData(from: a)
        net.input("b").copyData(from: b)
        let expected = zip(a, b).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) } / 8
        #expect(Compare.mismatch("loss", [try net.forward()], [Float(expected)]) == nil)
    }

    @Test func gradientAgreesWithDifferences() throws {
        #expect(try GradientChecker(net()).mismatches() == [])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("euclidean").mismatches() == [])
    }

    @Test func refusesShapesThatDoNotFit() throws {
        #expect(
            try TestNet.fault(net(b: [4, 3]))
                == "layer L (EuclideanLoss): compares two blobs of one shape, found \"a\" 4×3×2 and \"b\" 4×3")
    }
}
