import CaffeProto
import Foundation
import Nets
import Tensors
import TestSupport
import Testing

struct InfogainLossLayerTests {
    private let x = TestValues.uniform(24, -2...2)
    private let labels: [Float] = [0, 3, 1, 1, 2, 0]
    private let matrix = TestValues.uniform(16, 0...1, seed: 5)

    private func net(_ parameter: String = "", hasMatrix: Bool = true, side: Int = 4) -> String {
        TestNet.input("x", [2, 4, 3]) + TestNet.input("label", [2, 3])
            + (hasMatrix ? TestNet.input("H", [side, side]) : "")
                + """
                layer {
                  name: "L" type: "InfogainLoss" bottom: "x" bottom: "label" \(hasMatrix ? #"bottom: "H""# : "") top: "loss"
                  \(parameter)
                }
                """
    }

    private func fill(_ net: Net, _ matrix: [Float]?) {
        net.input("x").copyData(from: x)
        net.input("label").copyData(from: labels)
        if let matrix { net.input("H").copyData(from: matrix) }
    }

    /// −Σ Σ H(label, k) log p(k) over labels that count.
    private func sum(ignoring ignored: Float? = nil) -> Double {
        labels.indices.filter { labels[$0] != ignored }.reduce(0.0) { sum, column in
            let scores = (0..<4).map { Double(x[column / 3 * 12 + column % 3 + 3 * $0]) }
            let logarithm = log(scores.reduce(0) { $0 + exp($1) })
            return (0..<4).reduce(sum) { $0 + Double(matrix[Int(labels[column]) * 4 + $1]) * (logarithm - scores[$1]) }
        }
    }

    @Test(
        arguments: [
            ("", 6.0, nil), ("loss_param { normalization: BATCH_SIZE }", 2, nil),
            ("loss_param { ignore_label: 1 }", 4, 1),
        ] as [(String, Double, Float?)])
    func forwardWeighsAnswers(parameter: String, count: Double, ignored: Float?) throws {
        let net = try TestNet.make(net(parameter))
        fill(net, matrix)
        #expect(Compare.mismatch("loss", [try net.forward()], [Float(sum(ignoring: ignored) / count)]) == nil)
    }

    @Test(arguments: ["", "loss_param { ignore_label: 1 }"])
    func gradientAgreesWithDifferences(parameter: String) throws {
        let checker = try GradientChecker(net(parameter))
        fill(checker.net, matrix)
        #expect(try checker.mismatches() == [])
    }

    @Test func unitMatrixIsSoftmaxWithLoss() throws {
        let net = try TestNet.make(self.net())
        fill(net, (0..<16).map { $0 % 5 == 0 ? 1 : 0 })
        let other = try TestNet.make(
            self.net().replacing("InfogainLoss", with: "SoftmaxWithLoss").replacing(#"bottom: "H""#, with: ""))
        fill(other, nil)
        #expect(Compare.mismatch("loss", [try net.forward()], [try other.forward()]) == nil)
    }

    @Test func readsTheMatrixFromAFile() throws {
        var file = BlobProto()
        (file.num, file.channels, file.height, file.width) = (1, 1, 4, 4)
        file.data = matrix
        let scratch = try ScratchDirectory()
        let path = "\(scratch.path)/infogain.binaryproto"
        try file.serializedData().write(to: URL(filePath: path))
        let net = try TestNet.make(self.net(#"infogain_loss_param { source: "\#(path)" }"#, hasMatrix: false))
        fill(net, nil)
        #expect(Compare.mismatch("loss", [try net.forward()], [Float(sum() / 6)]) == nil)
    }

    @Test func refusesAMatrixThatDoesNotFit() throws {
        #expect(try TestNet.fault(net(side: 3)) == "layer L (InfogainLoss): needs a matrix of 4×4, found 3×3")
        #expect(
            try TestNet.fault(net(hasMatrix: false))
                == "layer L (InfogainLoss): needs its matrix: a third bottom, or infogain_loss_param { source: \"FILE\" }"
        )
    }
}
