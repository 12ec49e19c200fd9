import Nets
import Tensors
import TestSupport
import Testing

struct AccuracyLayerTests {
    private func net(_ parameter: String = "", label: Shape = [4], tops: String = #"top: "acc""#) -> String {
        TestNet.input("x", [4, 3]) + TestNet.input("label", label)
            + """
            layer { name: "L" type: "Accuracy" bottom: "x" bottom: "label" \(tops) accuracy_param { \(parameter) } }
            """
    }

    /// The true class is first, second, third, and level with another.
    private let x: [Float] = [3, 2, 1, 3, 2, 1, 3, 2, 1, 2, 2, 1]
    private let labels: [Float] = [0, 1, 2, 0]

    private func accuracy(_ parameter: String = "", tops: String = #"top: "acc""#, of top: String = "acc") throws
        -> [Float]
    {
        let net = try TestNet.make(net(parameter, tops: tops), NetContext(phase: .test))
        net.input("x").copyData(from: x)
        net.input("label").copyData(from: labels)
        try net.forward()
        return net.known(top).dataArray
    }

    @Test(arguments: [(1, 0.25), (2, 0.75), (3, 1)] as [(Int, Float)])
    func countsTheTopK(rank: Int, expected: Float) throws {
        #expect(try accuracy("top_k: \(rank)") == [expected])
    }

    @Test func ignoredLabelsDoNotCount() throws {
        #expect(try accuracy("ignore_label: 0 top_k: 2") == [0.5])
    }

    @Test func secondTopIsByClass() throws {
        let tops = #"top: "acc" top: "per""#
        #expect(try accuracy("", tops: tops, of: "per") == [0.5, 0, 0])
        #expect(try accuracy("top_k: 2", tops: tops, of: "per") == [1, 1, 0])
        #expect(try accuracy("top_k: 2", tops: tops) == [0.75])
    }

    @Test(arguments: [
        "accuracy_top1", "accuracy_top2", "accuracy_ignore", "accuracy_ties_top1", "accuracy_perclass",
    ])
    func agreesWithCaffe(golden: String) throws {
        #expect(try GoldenLayerCheck(golden, phase: .test).mismatches() == [])
    }

    @Test func refusesWhatDoesNotFit() throws {
        #expect(
            try TestNet.fault(net("top_k: 4"))
                == "layer L (Accuracy): top_k must be 1 to 3, the number of classes, found 4")
        #expect(
            try TestNet.fault(net(label: [5]))
                == "layer L (Accuracy): needs 4 labels for \"x\" of shape 4×3, found \"label\" of shape 5")
    }
}
