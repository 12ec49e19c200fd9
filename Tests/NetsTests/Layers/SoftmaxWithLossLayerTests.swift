import Foundation
import Nets
import Tensors
import TestSupport
import Testing

struct SoftmaxWithLossLayerTests {
    private let shape: Shape = [2, 4, 3]
    private let x = TestValues.uniform(24, -2...2)
    private let labels: [Float] = [0, 3, 1, 1, 2, 0]

    private func net(_ loss: String = "", label: Shape = [2, 3], tops: String = #"top: "loss""#) -> String {
        TestNet.input("x", shape) + TestNet.input("label", label)
            + """
            layer { name: "L" type: "SoftmaxWithLoss" bottom: "x" bottom: "label" \(tops) loss_param { \(loss) } }
            """
    }

    private func fill(_ net: Net) {
        net.input("x").copyData(from: x)
        net.input("label").copyData(from: labels)
    }

    /// −Σ log p(label) over labels that count.
    private func sum(ignoring ignored: Float? = nil) -> Double {
        labels.indices.filter { labels[$0] != ignored }.reduce(0.0) { sum, column in
            let first = column / 3 * 12 + column % 3
            let scores = (0..<4).map { Double(x[first + 3 * $0]) }
            return sum + log(scores.reduce(0) { $0 + exp($1) }) - scores[Int(labels[column])]
        }
    }

    @Test(arguments: [
        ("", 6.0), ("normalization: FULL", 6), ("normalization: BATCH_SIZE", 2), ("normalization: NONE", 1),
        ("normalize: true", 6), ("normalize: false", 2), ("normalize: false normalization: FULL", 6),
    ])
    func forwardIsTheMeanByTheNormalization(parameter: String, count: Double) throws {
        let net = try TestNet.make(net(parameter))
        fill(net)
        #expect(Compare.mismatch("loss", [try net.forward()], [Float(sum() / count)]) == nil)
    }

    @Test(arguments: [("", 4.0), ("normalization: FULL", 6), ("normalization: BATCH_SIZE", 2)])
    func ignoredLabelsDoNotCount(parameter: String, count: Double) throws {
        let net = try TestNet.make(net("ignore_label: 1 \(parameter)"))
        fill(net)
        #expect(Compare.mismatch("loss", [try net.forward()], [Float(sum(ignoring: 1) / count)]) == nil)
    }

    @Test func lossIsZeroWhereAllIsIgnored() throws {
        let net = try TestNet.make(net("ignore_label: -1"), forceBackward: true)
        fill(net)
        net.input("label").copyData(from: Array(repeating: -1, count: 6))
        #expect(try net.forward() == 0)
        try net.backward()
        #expect(net.input("x").diffArray.allSatisfy { $0 == 0 })
    }

    @Test(arguments: ["", "ignore_label: 1", "normalization: NONE"])
    func gradientAgreesWithDifferences(parameter: String) throws {
        let checker = try GradientChecker(net(parameter))
        fill(checker.net)
        #expect(try checker.mismatches() == [])
    }

    @Test func secondTopIsTheSoftmax() throws {
        let net = try TestNet.make(net(tops: #"top: "loss" top: "p""#))
        fill(net)
        try net.forward()
        let p = net.known("p").dataArray
        for column in 0..<6 {
            let first = column / 3 * 12 + column % 3
            #expect(abs((0..<4).reduce(Float(0)) { $0 + p[first + 3 * $1] } - 1) < 1e-6)
        }
        #expect(net.outputs.map(\.lossWeight) == [1, 0])
    }

    @Test(arguments: [
        "softmaxloss", "softmaxloss_weight0.3", "softmaxloss_ignore", "softmaxloss_spatial_VALID",
        "softmaxloss_spatial_BATCH_SIZE", "softmaxloss_spatial_NONE",
    ])
    func agreesWithCaffe(golden: String) throws {
        #expect(try GoldenLayerCheck(golden).mismatches() == [])
    }

    @Test func refusesLabelsThatAreNoClass() throws {
        let net = try TestNet.make(net())
        net.input("label").copyData(from: [0, 1, 2, 3, 4, 0])
        let error = #expect(throws: NetError.self) { try net.forward() }
        #expect(
            error?.description == "layer L (SoftmaxWithLoss): label 4 of \"label\" is no class: there are scores for 4 "
                + "classes, 0 to 3; correct the list or the num_output of the layer below")
        net.input("label").copyData(from: [0, 1, 2, 3, .nan, 0])
        let noNumber = #expect(throws: NetError.self) { try net.forward() }
        #expect(noNumber?.description == "layer L (SoftmaxWithLoss): label nan of \"label\" is no class number")
    }

    @Test func refusesAnotherNumberOfLabels() throws {
        #expect(
            try TestNet.fault(net(label: [2]))
                == "layer L (SoftmaxWithLoss): needs 6 labels for \"x\" of shape 2×4×3, found \"label\" of shape 2")
    }
}
