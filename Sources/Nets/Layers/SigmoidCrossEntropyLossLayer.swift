package import CaffeProto
import Foundation
package import Tensors

/// Cross-entropy of independent yes-or-no questions: loss = −1/Z · Σ [t · log σ(x) + (1 − t) · log(1 − σ(x))].
///
/// Bottoms: scores x and targets t (0 … 1), of one size, samples along the first axis. Top: loss (scalar).
/// Targets equal to `ignore_label` (cut to a whole number) don't count; Z as `LossNormalizer` says, but BATCH_SIZE, the
/// samples, unless given. Backward: dx = (σ(x) − t) · dloss / Z, 0 where ignored. The targets get no gradient.
/// Source: Caffe, src/caffe/layers/sigmoid_cross_entropy_loss_layer.cpp.
package final class SigmoidCrossEntropyLossLayer: Layer {
    private let ignored: Float?
    private var normalizer: LossNormalizer
    /// Z of the last forward.
    private var divisor = 1.0

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let loss = definition.lossParam
        ignored = loss.hasIgnoreLabel ? Float(loss.ignoreLabel) : nil
        normalizer = LossNormalizer(loss, usual: .batchSize)
        try super.init(definition, context: context)
    }

    package override var bottomCount: ClosedRange<Int> { 2...2 }
    package override var asksWholeBatch: Bool { normalizer.asksWholeBatch }
    package override func passesGradient(toBottom index: Int) -> Bool { index == 0 }
    package override func defaultLossWeight(ofTop index: Int) -> Float { 1 }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let (x, t) = (bottom[0].shape, bottom[1].shape)
        guard x.axes >= 1, x.count == t.count else {
            throw fault(
                "needs a target for each score, found \"\(bottom[0].name)\" of shape \(x) and \"\(bottom[1].name)\" of "
                    + "shape \(t)")
        }
        try top[0].reshape([])
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        var (loss, valid) = (0.0, 0)
        bottom[0].withData { x in
            bottom[1].withData { t in
                for i in x.indices where !isIgnored(t[i]) {
                    valid += 1
                    // log(1 + eˣ) − t·x, with the exponent kept below 0.
                    loss += Double(max(x[i], 0) - t[i] * x[i] + log1p(exp(-abs(x[i]))))
                }
            }
        }
        divisor = try normalizer.divisor(
            labels: bottom[0].count, valid: valid, samples: bottom[0].shape[0], in: context)
        top[0].withMutableData { $0[0] = Float(loss / divisor) }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        let scale = top[0].withDiff { $0[0] } / Float(divisor)
        bottom[0].withData { x in
            bottom[1].withData { t in
                bottom[0].withMutableDiff { dx in
                    for i in dx.indices {
                        dx[i] = isIgnored(t[i]) ? 0 : scale * (0.5 * tanh(0.5 * x[i]) + 0.5 - t[i])
                    }
                }
            }
        }
    }

    private func isIgnored(_ target: Float) -> Bool { ignored == target.rounded(.towardZero) }
}
