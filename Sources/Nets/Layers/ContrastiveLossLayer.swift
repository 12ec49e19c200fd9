package import CaffeProto
package import Tensors

/// Contrastive loss of pairs: what matches is drawn together, what does not is pushed `margin` apart.
///
/// Bottoms: embeddings a and b (N × C, further axes of length 1), label y (N; a pair matches when y, cut to a whole
/// number, is not 0). Top: loss (scalar) = 1/(2B) · Σ match ? d² : max(margin − d, 0)², d = ‖a − b‖₂, with B the global
/// batch; with `legacy_version` a pair that does not match counts max(margin − d², 0).
///
/// Backward, times the top's diff / B: da = a − b for a match, else −(margin − d) / (d + 10⁻⁴) · (a − b) while d < margin
/// (legacy: −(a − b) while d² < margin); db = −da. The 10⁻⁴ is Caffe's: it keeps d = 0 finite and makes da differ
/// a little from the true derivative. The label gets no gradient.
/// Source: Hadsell, Chopra, LeCun, CVPR 2006; Caffe, src/caffe/layers/contrastive_loss_layer.cpp.
package final class ContrastiveLossLayer: Layer, PairLossLayer {
    private let margin: Float
    private let legacy: Bool
    private var globalBatch: Float = 1
    /// The distance from which on a pair that does not match is left alone.
    package var reach: Float { legacy ? margin.squareRoot() : margin }
    private var pairs = PairDistances(count: 0)
    package var distances: [Float] { pairs.distances }
    package var matches: [Bool] { pairs.matches }

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        margin = definition.contrastiveLossParam.margin
        legacy = definition.contrastiveLossParam.legacyVersion
        try super.init(definition, context: context)
    }

    package override var bottomCount: ClosedRange<Int> { 3...3 }
    package override func passesGradient(toBottom index: Int) -> Bool { index < 2 }
    package override func defaultLossWeight(ofTop index: Int) -> Float { 1 }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        try PairDistances.check(bottom, of: self)
        try PairDistances.checkLabel(bottom[2], of: self, pairs: bottom[0].shape[0])
        try top[0].reshape([])
        globalBatch = Float(context.globalCount(bottom[0].shape[0]))
        pairs = PairDistances(count: bottom[0].shape[0])
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        pairs.measure(bottom[0], bottom[1])
        pairs.read(bottom[2])
        var sum: Float = 0
        for (distance, match) in zip(distances, matches) {
            let squared = distance * distance
            if match {
                sum += squared
            } else if legacy {
                sum += max(margin - squared, 0)
            } else {
                let lack = max(margin - distance, 0)
                sum += lack * lack
            }
        }
        top[0].withMutableData { loss in loss[0] = sum / globalBatch / 2 }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        let scale = top[0].withDiff { $0[0] } / globalBatch
        for index in 0..<2 where propagateDown[index] {
            backward(bottom, to: bottom[index], scale: index == 0 ? scale : -scale)
        }
    }

    /// target.diff = scale · factor · (a − b).
    private func backward(_ bottom: [Blob], to target: Blob, scale: Float) {
        let length = bottom[0].shape[1]
        bottom[0].withData { a in
            bottom[1].withData { b in
                target.withMutableDiff { diff in
                    for n in distances.indices {
                        let factor = scale * pull(n)
                        for i in n * length..<(n + 1) * length { diff[i] = factor * (a[i] - b[i]) }
                    }
                }
            }
        }
    }

    /// How strongly a pair is drawn together (1) or pushed apart (below 0).
    private func pull(_ n: Int) -> Float {
        let distance = distances[n]
        if matches[n] { return 1 }
        if legacy { return distance * distance < margin ? -1 : 0 }
        return distance < margin ? -(margin - distance) / (distance + 1e-4) : 0
    }
}
