import Foundation
import Tensors

/// Adam: M ← β₁·M + (1 − β₁)·g, V ← β₂·V + (1 − β₂)·g², w ← w − rate·c·M / (√V + δ), c = √(1 − β₂ᵗ) / (1 − β₁ᵗ).
///
/// β₁ is momentum, β₂ momentum2, t the number of updates including this one.
/// Source: Kingma, Ba, ICLR 2015; Caffe, src/caffe/solvers/adam_solver.cpp.
struct Adam: UpdateRule {
    private let moments: Moments

    static var historyCount: Int { 2 }

    init(_ settings: SolverSettings, rate: Float, decay: Float, iteration: Int) {
        moments = Moments(settings, rate: rate, iteration: iteration)
    }

    func apply(
        _ w: inout MutableSpan<Float>, _ g: Span<Float>, _ gradient: DecayedGradient,
        _ first: inout MutableSpan<Float>, _ second: inout MutableSpan<Float>
    ) {
        moments.apply(&w, g, gradient, &first, &second, shrink: 0)
    }

    /// The arithmetic that Adam and AdamW share.
    struct Moments: Sendable {
        private let corrected, beta1, beta2, delta: Float

        init(_ settings: SolverSettings, rate: Float, iteration: Int) {
            (beta1, beta2, delta) = (settings.momentum, settings.momentum2, settings.delta)
            let t = Double(iteration + 1)
            corrected = rate * Float((1 - pow(Double(beta2), t)).squareRoot() / (1 - pow(Double(beta1), t)))
        }

        /// - Parameter shrink: the part of each weight that is taken away beside the update.
        func apply(
            _ w: inout MutableSpan<Float>, _ g: Span<Float>, _ gradient: DecayedGradient,
            _ m: inout MutableSpan<Float>, _ v: inout MutableSpan<Float>, shrink: Float
        ) {
            precondition(w.count == g.count && m.count == g.count && v.count == g.count)
            for i in g.indices {
                let value = gradient(g[i], w[i])
                m[i] = beta1 * m[i] + (1 - beta1) * value
                v[i] = beta2 * v[i] + (1 - beta2) * value * value
                w[i] -= corrected * m[i] / (v[i].squareRoot() + delta) + shrink * w[i]
            }
        }
    }
}
