package import CaffeProto
import Foundation
package import Tensors

/// Softmax and the cross-entropy of the true class: loss = −1/Z · Σ log p(label), p the softmax along `softmax_param.axis`.
///
/// Bottoms: x (for axis 1: N × C × …), label (class numbers 0 ..< C, one for each softmax: N × …).
/// Tops: loss (scalar), optionally p (the shape of x). Labels equal to `ignore_label` don't count.
/// Z by `normalization`, always of the global batch: VALID (the default) counts the labels that count, FULL all of them,
/// BATCH_SIZE the samples, NONE is 1; at least 1. The older `normalize` chooses VALID (true) or BATCH_SIZE (false).
/// Backward: dx = (p − [class is label]) · dloss / Z, 0 where ignored. The label gets no gradient.
/// Source: Caffe, src/caffe/layers/softmax_loss_layer.cpp.
package final class SoftmaxWithLossLayer: Layer {
    private var scores: LabelledSoftmax
    private var softmax: Softmax { scores.softmax }
    private var labels: ClassLabels { scores.labels }
    private var probabilities: Blob { scores.probabilities }

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        scores = LabelledSoftmax(definition.lossParam)
        try super.init(definition, context: context)
    }

    package override var bottomCount: ClosedRange<Int> { 2...2 }
    package override var topCount: ClosedRange<Int> { 1...2 }
    package override var asksWholeBatch: Bool { scores.asksWholeBatch }
    package override func passesGradient(toBottom index: Int) -> Bool { index == 0 }
    package override func defaultLossWeight(ofTop index: Int) -> Float { index == 0 ? 1 : 0 }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        try scores.setUp(self, along: Int(definition.softmaxParam.axis), bottom: bottom, top: top)
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        try scores.forward(self, bottom: bottom)
        var loss = 0.0
        probabilities.withData { p in
            for (index, number) in labels.numbers.enumerated() where number != ClassLabels.ignoredNumber {
                loss -= Double(log(max(p[softmax.position(index, class: number)], .leastNormalMagnitude)))
            }
        }
        top[0].withMutableData { $0[0] = Float(loss / scores.divisor) }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        let scale = top[0].withDiff { $0[0] } / Float(scores.divisor)
        probabilities.withData { p in
            bottom[0].withMutableDiff { dx in
                for i in dx.indices { dx[i] = scale * p[i] }
                for (index, number) in labels.numbers.enumerated() {
                    if number == ClassLabels.ignoredNumber {
                        for k in softmax.positions(index) { dx[k] = 0 }
                    } else {
                        dx[softmax.position(index, class: number)] -= scale
                    }
                }
            }
        }
    }
}
