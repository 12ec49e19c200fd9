import CaffeProto
import Nets
import Tensors
import TestSupport
import Testing

/// What decision 1 of the architecture says: shards of a batch, summed, are the batch.
struct ShardTests {
    private static let batch = 8

    /// A net over `count` samples ending in this loss, with parameters below it.
    private func net(_ count: Int, _ ending: String) -> String {
        let layer = """
            layer {
              name: "fc" type: "InnerProduct" bottom: "x" top: "h"
              inner_product_param { num_output: 3 weight_filler { type: "gaussian" } }
            }
            layer { name: "drop" type: "Dropout" bottom: "h" top: "h" dropout_param { dropout_ratio: 0.25 } }

            """
        return TestNet.input("x", [count, 4]) + TestNet.input("t", [count, 3]) + TestNet.input("label", [count]) + layer
            + ending
    }

    private static let endings = [
        #"layer { name: "L" type: "ContrastiveLoss" bottom: "h" bottom: "t" bottom: "label" top: "loss" }"#,
        #"layer { name: "L" type: "ExponentialLoss" bottom: "h" bottom: "t" bottom: "label" top: "loss" }"#,
        #"layer { name: "L" type: "InfoNCELoss" bottom: "h" bottom: "t" top: "loss" }"#,
        #"layer { name: "L" type: "TripletLoss" bottom: "h" bottom: "t" top: "loss" }"#,
        #"layer { name: "L" type: "EuclideanLoss" bottom: "h" bottom: "t" top: "loss" }"#,
        #"layer { name: "L" type: "SoftmaxWithLoss" bottom: "h" bottom: "label" top: "loss" }"#,
        softmax("ignore_label: 1"), softmax("normalization: BATCH_SIZE"), softmax("normalization: FULL"),
        softmax("normalization: NONE"),
        #"layer { name: "L" type: "HingeLoss" bottom: "h" bottom: "label" top: "loss" }"#,
        #"layer { name: "L" type: "SigmoidCrossEntropyLoss" bottom: "h" bottom: "t" top: "loss" }"#,
        crossEntropy("ignore_label: 0"), crossEntropy("normalization: FULL"),
        onProbabilities(#"type: "MultinomialLogisticLoss" bottom: "p" bottom: "label""#),
        batchNorm + softmax(""),
        #"layer { name: "L" type: "Reduction" bottom: "h" top: "loss" loss_weight: 2 reduction_param { operation: MEAN } }"#,
        #"layer { name: "L" type: "Reduction" bottom: "h" top: "loss" loss_weight: 2 reduction_param { operation: SUMSQ } }"#,
        accuracy(""), accuracy("ignore_label: 1"), accuracy("top_k: 2"), accuracy("", #"top: "per""#),
    ]

    private static func softmax(_ loss: String) -> String {
        """
        layer { name: "L" type: "SoftmaxWithLoss" bottom: "h" bottom: "label" top: "loss" loss_param { \(loss) } }
        """
    }

    private static func crossEntropy(_ loss: String) -> String {
        """
        layer { name: "L" type: "SigmoidCrossEntropyLoss" bottom: "h" bottom: "t" top: "loss" loss_param { \(loss) } }
        """
    }

    private static func onProbabilities(_ loss: String) -> String {
        """
        layer { name: "p" type: "Softmax" bottom: "h" top: "p" }
        layer { name: "L" \(loss) top: "loss" }
        """
    }

    private static let batchNorm = #"layer { name: "bn" type: "BatchNorm" bottom: "h" top: "h" }"#

    private static func accuracy(_ parameter: String, _ top: String = "") -> String {
        """
        layer {
          name: "L" type: "Accuracy" bottom: "h" bottom: "label" top: "acc" \(top) accuracy_param { \(parameter) }
        }
        """
    }

    /// Runs one shard and gives its outputs and gradients, one array each.
    private func run(_ shard: Range<Int>, _ ending: String, reducer: any BatchReducer) throws -> [[Float]] {
        let context = NetContext(phase: .train, globalBatch: Self.batch, shard: shard, reducer: reducer)
        let net = try TestNet.make(net(shard.count, ending), context)
        net.parameters.fill(seed: 5)
        let label = TestValues.labels(Self.batch, below: 3)
        for (name, width, values) in [
            ("x", 4, TestValues.uniform(Self.batch * 4, seed: 1)),
            ("t", 3, TestValues.uniform(Self.batch * 3, seed: 2)),
            ("label", 1, label),
        ] {
            net.input(name).copyData(from: Array(values[shard.lowerBound * width..<shard.upperBound * width]))
        }
        context.firstPosition = 3 * Self.batch + shard.lowerBound
        try net.forward()
        try net.backward()
        let outputs = net.outputs.filter { ["loss", "acc", "per"].contains($0.name) }.map(\.blob.dataArray)
        return outputs + net.parameters.parameters.map(\.blob.diffArray)
    }

    @Test(arguments: endings, [1, 3, 4])
    func shardsSumToTheBatch(ending: String, cut: Int) throws {
        let whole = try run(0..<Self.batch, ending, reducer: OwnBatch())
        let shards = [0..<cut, cut..<Self.batch]
        let parts = try ShardedRun.results(shards) { try run($0, ending, reducer: $1) }
        for (index, expected) in whole.enumerated() {
            let sum = zip(parts[0][index], parts[1][index]).map(+)
            #expect(Compare.mismatch("array \(index)", sum, expected) == nil)
        }
    }
}
