import CaffeProto
import Foundation
package import Tensors

/// Cross-entropy of probabilities: loss = −1/B · Σ log p(label), B the global batch.
///
/// Bottoms: probabilities p (N × C, or N × … with C numbers a sample), label (class numbers 0 ..< C; N). Top: loss
/// (scalar). Probabilities below 10⁻²⁰ count as that. Backward: dp(label) = −dloss / (B · p(label)), 0 elsewhere. The
/// label gets no gradient. For scores take SoftmaxWithLoss, which is steadier.
/// Source: Caffe, src/caffe/layers/multinomial_logistic_loss_layer.cpp.
package final class MultinomialLogisticLossLayer: Layer {
    static let leastProbability: Float = 1e-20
    private var labels = ClassLabels(count: 0, classes: 0, ignored: nil)
    private var classes = 0

    package override var bottomCount: ClosedRange<Int> { 2...2 }
    package override func passesGradient(toBottom index: Int) -> Bool { index == 0 }
    package override func defaultLossWeight(ofTop index: Int) -> Float { 1 }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        classes = try classes(of: bottom)
        labels = ClassLabels(count: bottom[1].count, classes: classes, ignored: nil)
        try top[0].reshape([])
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        try labels.read(bottom[1], for: self)
        var sum = 0.0
        bottom[0].withData { p in
            for (n, number) in labels.numbers.enumerated() {
                sum -= Double(log(max(p[n * classes + number], Self.leastProbability)))
            }
        }
        top[0].withMutableData { $0[0] = Float(sum / Double(context.globalCount(labels.numbers.count))) }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        let scale = -top[0].withDiff { $0[0] } / Float(context.globalCount(labels.numbers.count))
        bottom[0].withData { p in
            bottom[0].withMutableDiff { dp in
                for i in dp.indices { dp[i] = 0 }
                for (n, number) in labels.numbers.enumerated() {
                    let i = n * classes + number
                    dp[i] = scale / max(p[i], Self.leastProbability)
                }
            }
        }
    }
}
