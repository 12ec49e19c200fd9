package import Nets
import Tensors

/// Stochastic gradient descent with momentum: V ← m·V + rate·(g + decay·w), w ← w − V.
///
/// One pass over memory: a step of 107 million weights reads and writes each number once.
/// Source: Caffe, src/caffe/solvers/sgd_solver.cpp.
package final class SGDSolver: Solver {
    package init(_ settings: SolverSettings, store: ParameterStore) {
        super.init(settings, store: store, historyCount: 1)
    }

    package override func update(_ slice: Slice, rate: Float, gradientScale: Float, decay: Float) {
        guard let gradients = store.gradients else { preconditionFailure("a store without gradients can't learn") }
        nonisolated(unsafe) let buffers = (values: store.values, velocity: history[0], gradients: gradients)
        let rule = Rule(
            rate: rate, momentum: settings.momentum, scale: gradientScale,
            l2: settings.regularization == .l2 ? decay : 0, l1: settings.regularization == .l1 ? decay : 0)
        Threads.parallel(slice.range.count) { part in
            let range = slice.range.lowerBound + part.lowerBound..<slice.range.lowerBound + part.upperBound
            unsafe buffers.values.withMutableSpan { (w: inout MutableSpan<Float>) in
                unsafe buffers.velocity.withMutableSpan { (v: inout MutableSpan<Float>) in
                    unsafe buffers.gradients.withSpan { g in
                        var weights = w._mutatingExtracting(range)
                        var velocity = v._mutatingExtracting(range)
                        rule.apply(&weights, &velocity, g.extracting(range))
                    }
                }
            }
        }
    }

    private struct Rule: Sendable {
        let rate, momentum, scale, l2, l1: Float

        func apply(_ w: inout MutableSpan<Float>, _ v: inout MutableSpan<Float>, _ g: Span<Float>) {
            precondition(w.count == g.count && v.count == g.count)
            if l1 == 0 {
                for i in g.indices {
                    v[i] = momentum * v[i] + rate * (g[i] * scale + l2 * w[i])
                    w[i] -= v[i]
                }
            } else {
                for i in g.indices {
                    let sign: Float = w[i] > 0 ? 1 : w[i] < 0 ? -1 : 0
                    v[i] = momentum * v[i] + rate * (g[i] * scale + l1 * sign)
                    w[i] -= v[i]
                }
            }
        }
    }
}
