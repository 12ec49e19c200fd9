package import CaffeProto
package import Tensors

/// Triplet loss: an anchor shall be nearer to its positive than to a negative, by `margin` in squared distance (0.2 unless
/// given).
///
/// With `negatives: BATCH` (the default) bottoms are embeddings a and b (N × C), lists of matching pairs only, and perhaps a
/// label (N). Each image of the global batch is an anchor, its partner the positive, and the negative is chosen among the
/// partners of all other pairs, whichever rank has them: the semi-hard one, the nearest of those that are farther than the
/// positive; where none is, the farthest. Top: loss (scalar) = 1/(2B) · Σ max(0, d²(anchor, positive) −
/// d²(anchor, negative) + margin), over a's and b's as anchors, with B the global batch. (With `iter_size` each sub-batch is
/// a batch of its own.) Labels mean what they mean to `InfoNCELoss`.
///
/// With `negatives: LIST` bottoms are anchor, positive and negative (N × C each), and loss = 1/B · Σ max(0, …).
///
/// Backward of a triplet that counts, times dloss/B (or /2B): d anchor = 2 (negative − positive), d positive =
/// 2 (positive − anchor), d negative = 2 (anchor − negative). The choice of the negative has no gradient.
/// Source: Schroff, Kalenichenko, Philbin (FaceNet), CVPR 2015, section 3.2; the farthest where none is semi-hard is
/// TensorFlow's rule (triplet_semihard_loss).
package final class TripletLossLayer: Layer, PairLossLayer {
    private let margin: Float
    private let isMining: Bool
    private var pairs: MatchingPairs?
    private var mining: TripletMining?
    /// Of each given triplet: how much it lacks.
    private var lacks: [Float] = []
    private var globalBatch = 1
    /// ‖a − b‖₂ of each pair of the last forward; nothing of given triplets.
    package var distances: [Float] { pairs?.distances.distances ?? [] }
    package var matches: [Bool] { pairs?.distances.matches ?? [] }

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let parameter = definition.tripletLossParam
        margin = parameter.margin
        isMining = parameter.negatives == .batch
        guard margin >= 0 else { throw definition.fault("has margin \(margin), which must not be negative") }
        try super.init(definition, context: context)
    }

    package override var bottomCount: ClosedRange<Int> { isMining ? 2...3 : 3...3 }
    package override func passesGradient(toBottom index: Int) -> Bool { index < 2 || !isMining }
    package override func defaultLossWeight(ofTop index: Int) -> Float { 1 }
    package override var asksWholeBatch: Bool { isMining }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        if isMining {
            if bottom.count > 2, bottom[2].shape.dims == bottom[0].shape.dims {
                throw fault(
                    "takes its third bottom \"\(bottom[2].name)\" for labels, but that is \(bottom[2].shape) as the embeddings "
                        + "are; where it holds the negatives say triplet_loss_param { negatives: LIST }")
            }
            let pairs = try MatchingPairs(bottom, label: definition.tripletLossParam.label, of: self)
            self.pairs = pairs
            mining = try TripletMining(pairs, margin: margin)
        } else {
            try PairDistances.check(bottom, of: self)
            try PairDistances.check([bottom[0], bottom[2]], of: self)
            globalBatch = context.globalCount(bottom[0].shape[0])
            lacks = Array(repeating: 0, count: bottom[0].shape[0])
        }
        try top[0].reshape([])
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        let loss = isMining ? try forwardMining(bottom) : forwardGiven(bottom) / Double(globalBatch)
        top[0].withMutableData { $0[0] = Float(loss) }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        let scale = top[0].withDiff { $0[0] }
        if let pairs, let mining {
            for side in 0..<2 where propagateDown[side] {
                mining.backward(to: bottom[side], side, pairs, scale: scale / Float(2 * max(pairs.counted, 1)))
            }
        } else {
            for role in 0..<3 where propagateDown[role] {
                backwardGiven(bottom, role: role, scale: scale / Float(globalBatch))
            }
        }
    }

    private func forwardMining(_ bottom: [Blob]) throws -> Double {
        guard var pairs else { preconditionFailure("forward before setUp") }
        try pairs.take(bottom, for: self)
        self.pairs = pairs
        let sum = mining?.choose(bottom, pairs) ?? 0
        if let mining { try context.reducer.gather(mining.choices, width: 2) }
        return sum / Double(2 * max(pairs.counted, 1))
    }

    // MARK: Given triplets

    private func forwardGiven(_ bottom: [Blob]) -> Double {
        let length = bottom[0].shape[1]
        var sum = 0.0
        bottom[0].withData { anchor in
            bottom[1].withData { positive in
                bottom[2].withData { negative in
                    for n in lacks.indices {
                        var lack = margin
                        for i in n * length..<(n + 1) * length {
                            let (near, far) = (anchor[i] - positive[i], anchor[i] - negative[i])
                            lack += near * near - far * far
                        }
                        lacks[n] = lack
                        sum += Double(max(lack, 0))
                    }
                }
            }
        }
        return sum
    }

    /// The roles are anchor, positive and negative; each one's gradient is twice the difference of two of them.
    private func backwardGiven(_ bottom: [Blob], role: Int, scale: Float) {
        let (plus, minus) = [(2, 1), (1, 0), (0, 2)][role]
        let length = bottom[0].shape[1]
        bottom[plus].withData { plus in
            bottom[minus].withData { minus in
                bottom[role].withMutableDiff { diff in
                    for n in lacks.indices {
                        let factor = lacks[n] > 0 ? 2 * scale : 0
                        for i in n * length..<(n + 1) * length { diff[i] = factor * (plus[i] - minus[i]) }
                    }
                }
            }
        }
    }
}
