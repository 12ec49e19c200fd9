package import CaffeProto
import Foundation
package import Tensors

/// Chopra's exponential loss of pairs: what matches is drawn together, what does not is pushed apart, the less the
/// farther it is.
///
/// Bottoms: embeddings a and b (N × C, further axes of length 1), label y (N; a pair matches when y, cut to a whole
/// number, is not 0). Top: loss (scalar) = 1/B · Σ match ? 2/Q · E² : 2Q · e^(−2.77/Q · E), with B the global batch and E
/// the distance: Σ |a − b| (`norm: L1`, as in the paper, the default) or ‖a − b‖₂ (`norm: L2`). `q` is Q, a constant that
/// should be an upper bound of E; 1 unless given.
///
/// Backward: da = dE/da · (match ? 4/Q · E : −5.54 · e^(−2.77/Q · E)) · dloss / B, db = −da, where dE/da is the sign of
/// a − b (L1) or (a − b)/E (L2), and 0 where a = b. The label gets no gradient.
/// Source: Chopra, Hadsell, LeCun, CVPR 2005, equations 8 and 9 (there the label is the other way round: 0 for a match).
package final class ExponentialLossLayer: Layer, PairLossLayer {
    private static let decay: Float = 2.77
    private let bound: Float
    private let norm: PairDistances.Norm
    private var globalBatch: Float = 1
    private var pairs = PairDistances(count: 0)
    /// E of each pair of the last forward.
    package var distances: [Float] { pairs.distances }
    package var matches: [Bool] { pairs.matches }

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let parameter = definition.exponentialLossParam
        bound = parameter.q
        norm = parameter.norm == .l1 ? .l1 : .l2
        guard bound > 0 else {
            throw definition.fault("has q \(bound); it is an upper bound of the distances and must be above 0")
        }
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
        pairs.measure(bottom[0], bottom[1], norm: norm)
        pairs.read(bottom[2])
        var sum = 0.0
        for (distance, match) in zip(distances, matches) {
            sum += Double(match ? 2 / bound * distance * distance : 2 * bound * exp(-Self.decay / bound * distance))
        }
        top[0].withMutableData { loss in loss[0] = Float(sum / Double(globalBatch)) }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        let scale = top[0].withDiff { $0[0] } / globalBatch
        for index in 0..<2 where propagateDown[index] {
            backward(bottom, to: bottom[index], scale: index == 0 ? scale : -scale)
        }
    }

    /// target.diff = scale · dloss/dE · dE/da.
    private func backward(_ bottom: [Blob], to target: Blob, scale: Float) {
        let length = bottom[0].shape[1]
        bottom[0].withData { a in
            bottom[1].withData { b in
                target.withMutableDiff { diff in
                    for n in distances.indices {
                        let factor = scale * slope(n)
                        for i in n * length..<(n + 1) * length {
                            diff[i] = factor * direction(a[i] - b[i], distances[n])
                        }
                    }
                }
            }
        }
    }

    /// The derivative of a pair's loss with respect to its distance.
    private func slope(_ n: Int) -> Float {
        matches[n] ? 4 / bound * distances[n] : -2 * Self.decay * exp(-Self.decay / bound * distances[n])
    }

    /// The derivative of the distance with respect to one number of a.
    private func direction(_ difference: Float, _ distance: Float) -> Float {
        switch norm {
        case .l1: difference > 0 ? 1 : difference < 0 ? -1 : 0
        case .l2: distance > 0 ? difference / distance : 0
        }
    }
}
