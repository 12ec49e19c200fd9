package import CaffeProto
import Foundation
package import Tensors

/// InfoNCE over the global batch: each image must find its partner among those of all pairs, by cross entropy both ways.
///
/// Bottoms: embeddings a and b (N × C), lists of matching pairs only; perhaps a label (N). All embeddings are gathered over
/// the ranks, so a batch of B pairs gives each image B − 1 negatives, however many ranks share it. (With `iter_size` each
/// sub-batch is a batch of its own, and so is the last, smaller one of a test.) They are compared by inner product: put an
/// `L2Normalize` under each. Top: loss (scalar), with z_ij = a_i · b_j / τ
///
///     1/(2B) · Σ_i (log Σ_j e^z_ij − z_ii) + (log Σ_j e^z_ji − z_ii)
///
/// `temperature` is τ, 0.07 unless given. `learned: true` makes it a parameter that starts there: log 1/τ, kept at log 100
/// or below in training, without decay unless its `param` says so.
/// `label: PAIR` (the default): the label says that a pair matches. In training a 0 is refused; in a test those pairs are
/// left out of the loss and only measured. `label: IDENTITY`: it is the number of whom the pair shows, and pairs of one
/// identity, which are no negatives of each other, are left out of each other's sums.
///
/// Backward, with the own rows' P_ij = e^z_ij / Σ_k e^z_ik and Q_ij = e^z_ij / Σ_k e^z_kj, both known once ranks have told each
/// other the logarithms of their sums: da_i = 1/(2Bτ) · Σ_j (P_ij + Q_ij − 2δ_ij) b_j · dloss, db likewise, and
/// d(log 1/τ) = 1/(2B) · Σ_ij (P_ij + Q_ij − 2δ_ij) z_ij · dloss.
/// Source: van den Oord, Li, Vinyals, arXiv 1807.03748; both ways and learned τ: Radford et al. (CLIP), ICML 2021.
package final class InfoNCELossLayer: Layer, PairLossLayer {
    /// The largest 1/τ that is learned.
    private static let largestScale: Float = 100
    private let temperature: Float
    private let isLearned: Bool
    private var pairs: MatchingPairs?
    /// z of this shard, samples × batch: of each own a with all b, and of each own b with all a.
    private var logits: [FloatStorage] = []
    /// The logarithms of the sums over b and over a, batch × 2.
    private var logSums = FloatStorage(count: 0)
    /// Of each own a: the sum of its z_ij times their gradients.
    private var slopes = FloatStorage(count: 0)
    /// ‖a − b‖₂ of each pair of the last forward.
    package var distances: [Float] { pairs?.distances.distances ?? [] }
    package var matches: [Bool] { pairs?.distances.matches ?? [] }

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let parameter = definition.infoNceLossParam
        (temperature, isLearned) = (parameter.temperature, parameter.learned)
        guard temperature > 0, !isLearned || 1 / temperature <= Self.largestScale * 1.0001 else {
            throw definition.fault(
                "has temperature \(temperature); it must be above 0, and a learned one begin at 0.01 or more")
        }
        var definition = definition
        if isLearned, definition.param.isEmpty {
            definition.param = [ParamSpec()]
            definition.param[0].decayMult = 0
        }
        try super.init(definition, context: context)
    }

    package override var bottomCount: ClosedRange<Int> { 2...3 }
    package override func passesGradient(toBottom index: Int) -> Bool { index < 2 }
    package override func defaultLossWeight(ofTop index: Int) -> Float { 1 }
    package override var asksWholeBatch: Bool { true }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let pairs = try MatchingPairs(bottom, label: definition.infoNceLossParam.label, of: self)
        self.pairs = pairs
        try Shape([pairs.samples, pairs.batch]).checkCount()
        logits = (0..<2).map { _ in FloatStorage(count: pairs.samples * pairs.batch) }
        logSums = FloatStorage(count: 2 * pairs.batch)
        slopes = FloatStorage(count: pairs.samples)
        if isLearned { try addParameter([], filler: .constant(log(1 / temperature))) }
        try top[0].reshape([])
    }

    package override func multiplyAdds(bottom: [Blob], top: [Blob]) -> Int {
        pairs.map { 2 * $0.samples * $0.batch * $0.length } ?? 0
    }

    /// 1/τ.
    private var scale: Float { isLearned ? exp(parameters[0].blob.withData { $0[0] }) : 1 / temperature }

    // MARK: Forward

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        guard var pairs else { preconditionFailure("forward before setUp") }
        try pairs.take(bottom, for: self)
        self.pairs = pairs
        if isLearned, context.phase == .train { limitScale() }
        for side in 0..<2 {
            multiply(bottom[side], with: pairs.embeddings[1 - side], into: logits[side], pairs)
            sumUp(side, pairs)
        }
        try context.reducer.gather(logSums, width: 2)
        let loss = ownLoss(pairs) / Double(2 * max(pairs.counted, 1))
        top[0].withMutableData { $0[0] = Float(loss) }
    }

    private func limitScale() {
        parameters[0].blob.withMutableData { $0[0] = min($0[0], log(Self.largestScale)) }
    }

    private func multiply(_ own: Blob, with all: FloatStorage, into logits: FloatStorage, _ pairs: MatchingPairs) {
        logits.withMutableSpan { logits in
            own.withData { own in
                all.withSpan { all in
                    Gemm.multiply(
                        transposeB: true, m: pairs.samples, n: pairs.batch, k: pairs.length, alpha: scale, a: own,
                        b: all,
                        c: &logits)
                }
            }
        }
    }

    /// Takes out what is no negative, and leaves the logarithm of each own row's sum.
    private func sumUp(_ side: Int, _ pairs: MatchingPairs) {
        nonisolated(unsafe) let (logits, logSums, pairs) = (logits[side], logSums, pairs)
        unsafe eachRow(pairs) { row in
            unsafe logits.withMutableSpan { logits in
                let (start, own) = unsafe (row * pairs.batch, pairs.first + row)
                var largest = logits[start + own]
                for j in unsafe 0..<pairs.batch where j != own {
                    if unsafe !pairs.isNegative(j, of: own) { logits[start + j] = -.infinity }
                    largest = max(largest, logits[start + j])
                }
                var sum = 0.0
                for j in unsafe 0..<pairs.batch { sum += Double(exp(logits[start + j] - largest)) }
                unsafe logSums.withMutableSpan { $0[2 * own + side] = largest + Float(log(sum)) }
            }
        }
    }

    private func eachRow(_ pairs: MatchingPairs, _ body: @Sendable (_ row: Int) -> Void) {
        Threads.parallel(pairs.samples, grain: max(1, (1 << 13) / pairs.batch)) { rows in
            for row in rows { body(row) }
        }
    }

    /// Twice the sum over the own pairs.
    private func ownLoss(_ pairs: MatchingPairs) -> Double {
        var loss = 0.0
        for side in 0..<2 {
            logits[side].withSpan { logits in
                logSums.withSpan { logSums in
                    for row in 0..<pairs.samples where pairs.counts(pairs.first + row) {
                        let own = pairs.first + row
                        loss += Double(logSums[2 * own + side]) - Double(logits[row * pairs.batch + own])
                    }
                }
            }
        }
        return loss
    }

    // MARK: Backward

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard let pairs else { preconditionFailure("backward before setUp") }
        let weight = top[0].withDiff { $0[0] } / Float(2 * max(pairs.counted, 1))
        let learns = isLearned && parameters[0].learns
        let scale = scale
        for side in 0..<2 where propagateDown[side] || learns && side == 0 {
            let slope = differentiate(side, pairs)
            if learns, side == 0 { learn(Double(weight) * slope) }
            guard propagateDown[side] else { continue }
            logits[side].withSpan { factors in
                pairs.embeddings[1 - side].withSpan { all in
                    bottom[side].withMutableDiff { diff in
                        Gemm.multiply(
                            m: pairs.samples, n: pairs.length, k: pairs.batch, alpha: weight * scale, a: factors,
                            b: all,
                            c: &diff)
                    }
                }
            }
        }
    }

    /// Replaces the own z_ij by P_ij + Q_ij − 2δ_ij; returns the sum of z_ij times that.
    private func differentiate(_ side: Int, _ pairs: MatchingPairs) -> Double {
        nonisolated(unsafe) let (logits, logSums, slopes, pairs) = (logits[side], logSums, self.slopes, pairs)
        unsafe eachRow(pairs) { row in
            unsafe logits.withMutableSpan { logits in
                unsafe logSums.withSpan { sums in
                    let slope = unsafe Self.differentiate(row, side, &logits, sums, pairs)
                    unsafe slopes.withMutableSpan { $0[row] = Float(slope) }
                }
            }
        }
        return self.slopes.withSpan { slopes in slopes.indices.reduce(0) { $0 + Double(slopes[$1]) } }
    }

    private static func differentiate(
        _ row: Int, _ side: Int, _ logits: inout MutableSpan<Float>, _ sums: Span<Float>, _ pairs: MatchingPairs
    ) -> Double {
        let own = pairs.first + row
        var slope = 0.0
        for j in 0..<pairs.batch {
            let (at, z) = (row * pairs.batch + j, logits[row * pairs.batch + j])
            guard z != -.infinity, pairs.counts(own) else {
                logits[at] = 0
                continue
            }
            var factor = exp(z - sums[2 * own + side]) + exp(z - sums[2 * j + 1 - side])
            if j == own { factor -= 2 }
            logits[at] = factor
            slope += Double(factor) * Double(z)
        }
        return slope
    }

    private func learn(_ gradient: Double) {
        let beta = parameters[0].gradientBeta()
        parameters[0].blob.withMutableDiff { $0[0] = Float(gradient) + (beta == 0 ? 0 : $0[0]) }
    }
}
