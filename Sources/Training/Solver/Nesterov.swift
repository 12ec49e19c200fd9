import Tensors

/// Nesterov's accelerated gradient: V′ ← m·V + rate·g, w ← w − ((1 + m)·V′ − m·V).
///
/// Source: Sutskever, Martens, Dahl, Hinton, ICML 2013; Caffe, src/caffe/solvers/nesterov_solver.cpp.
struct Nesterov: UpdateRule {
    private let rate, momentum, correction: Float

    init(_ settings: SolverSettings, rate: Float, decay: Float, iteration: Int) {
        self.rate = rate
        momentum = settings.momentum
        correction = settings.momentumCorrection(at: iteration)
    }

    func apply(
        _ w: inout MutableSpan<Float>, _ g: Span<Float>, _ gradient: DecayedGradient,
        _ first: inout MutableSpan<Float>, _ second: inout MutableSpan<Float>
    ) {
        precondition(w.count == g.count && first.count == g.count)
        for i in g.indices {
            let before = correction * first[i]
            let after = momentum * before + rate * gradient(g[i], w[i])
            first[i] = after
            w[i] -= (1 + momentum) * after - momentum * before
        }
    }
}
