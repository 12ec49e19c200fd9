import CaffeProto
import Nets
import Tensors
import TestSupport
import Testing

/// What the net makes of blobs with several readers, named as Caffe names them.
struct SplitInsertionTests {
    private func relu(_ name: String, _ bottom: String, _ top: String) -> String {
        #"layer { name: "\#(name)" type: "ReLU" bottom: "\#(bottom)" top: "\#(top)" }"# + "\n"
    }

    private func splits(_ net: Net) -> [String: [String]] {
        Dictionary(
            uniqueKeysWithValues: net.steps.filter { $0.layer.type == "Split" }.map {
                ($0.layer.name, $0.layer.definition.top)
            })
    }

    @Test func aBlobWithOneReaderStaysAsItIs() throws {
        let net = try TestNet.make(TestNet.input("x", [2]) + relu("a", "x", "y") + relu("b", "y", "y"))
        #expect(splits(net) == [:])
    }

    @Test func everyReaderGetsACopy() throws {
        let net = try TestNet.make(TestNet.input("x", [2]) + relu("a", "x", "y") + relu("b", "x", "z"))
        #expect(splits(net) == ["x_x_0_split": ["x_x_0_split_0", "x_x_0_split_1"]])
        #expect(net.steps.map(\.layer.name) == ["x", "x_x_0_split", "a", "b"])
        #expect(net.step(named: "b")?.layer.definition.bottom == ["x_x_0_split_1"])
    }

    @Test func aLayerThatReadsABlobTwiceGetsTwoCopies() throws {
        let sum = #"layer { name: "loss" type: "EuclideanLoss" bottom: "x" bottom: "x" top: "loss" }"#
        let net = try TestNet.make(TestNet.input("x", [2, 2]) + sum)
        #expect(splits(net) == ["x_x_0_split": ["x_x_0_split_0", "x_x_0_split_1"]])
    }

    /// Readers after an in-place layer read what it made, not what it read.
    @Test func inPlaceLayersMakeANewBlob() throws {
        let net = try TestNet.make(
            TestNet.input("x", [2]) + relu("a", "x", "y") + relu("b", "y", "y") + relu("c", "y", "u")
                + relu("d", "y", "v"))
        #expect(splits(net) == ["y_b_0_split": ["y_b_0_split_0", "y_b_0_split_1"]])
        #expect(net.steps.map(\.layer.name) == ["x", "a", "b", "y_b_0_split", "c", "d"])
    }

    /// A loss that is read as well counts once, in the first copy.
    @Test func aLossThatIsReadKeepsItsWeight() throws {
        let loss = """
            layer { name: "loss" type: "EuclideanLoss" bottom: "a" bottom: "b" top: "loss" loss_weight: 3 }

            """
        let text = TestNet.input("a", [2, 1]) + TestNet.input("b", [2, 1]) + loss + relu("r", "loss", "y")
        let net = try TestNet.make(text, forceBackward: true)
        #expect(splits(net) == ["loss_loss_0_split": ["loss_loss_0_split_0", "loss_loss_0_split_1"]])
        net.input("a").copyData(from: [2, 4])
        #expect(try net.forward() == 3 * (4 + 16) / 4)
        try net.backward()
        // 3 · (a − b) / 2; the second reader has no gradient.
        #expect(net.input("a").diffArray == [3, 6])
    }

    @Test func gradientsOfAllReadersAreSummed() throws {
        let tanh = #"layer { name: "c" type: "TanH" bottom: "x" top: "w" }"#
        let checker = try GradientChecker(
            TestNet.input("x", [2, 5]) + relu("a", "x", "y") + relu("b", "x", "z") + tanh)
        checker.set("x", TestValues.uniform(10, kinks: [0]))
        #expect(try checker.mismatches() == [])
    }
}
