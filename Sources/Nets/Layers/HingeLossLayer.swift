import CaffeProto
package import Tensors

/// Hinge loss, one against all: 1/B · Σ max(0, 1 + s)ᵖ, s = −x of the true class and x of each other, B the global batch.
///
/// Bottoms: scores x (N × C, or N × … with C numbers a sample), label (class numbers 0 ..< C; N). Top: loss (scalar).
/// `hinge_loss_param { norm: L1 }` (the default) is p = 1, L2 is p = 2. Backward, times dloss: dx = ∓1/B where the hinge
/// is open (L1), ∓2/B · max(0, 1 + s) (L2), − for the true class. The label gets no gradient.
/// Source: Caffe, src/caffe/layers/hinge_loss_layer.cpp.
package final class HingeLossLayer: Layer {
    private var labels = ClassLabels(count: 0, classes: 0, ignored: nil)
    private var classes = 0
    private var isSquared: Bool { definition.hingeLossParam.norm == .l2 }

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
        bottom[0].withData { x in
            for i in x.indices {
                let opening = Double(opening(x, i))
                sum += isSquared ? opening * opening : opening
            }
        }
        top[0].withMutableData { $0[0] = Float(sum / Double(context.globalCount(labels.numbers.count))) }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        let scale = top[0].withDiff { $0[0] } / Float(context.globalCount(labels.numbers.count))
        bottom[0].withData { x in
            bottom[0].withMutableDiff { dx in
                for i in dx.indices {
                    let opening = opening(x, i)
                    dx[i] = sign(i) * scale * (isSquared ? 2 * opening : opening > 0 ? 1 : 0)
                }
            }
        }
    }

    /// max(0, 1 + s) of score number i.
    private func opening(_ x: Span<Float>, _ i: Int) -> Float { max(0, 1 + sign(i) * x[i]) }

    /// −1 for a sample's true class, 1 for its others.
    private func sign(_ i: Int) -> Float { labels.numbers[i / classes] == i % classes ? -1 : 1 }
}

extension Layer {
    /// How many classes the scores of a loss have where each sample has one label.
    func classes(of bottom: [Blob]) throws -> Int {
        let (scores, label) = (bottom[0].shape, bottom[1].shape)
        guard scores.axes >= 1, label.count == scores[0] else {
            throw fault(
                "needs one label for each sample of \"\(bottom[0].name)\" of shape \(scores), found "
                    + "\"\(bottom[1].name)\" of shape \(label)")
        }
        return scores.count(from: 1)
    }
}
