import Tensors

/// Stochastic gradient descent with momentum: V ← m·V + rate·g, w ← w − V.
///
/// Source: Caffe, src/caffe/solvers/sgd_solver.cpp.
struct SGD: UpdateRule {
    private let rate, momentum: Float

    init(_ settings: SolverSettings, rate: Float, decay: Float, iteration: Int) {
        self.rate = rate
        momentum = settings.momentum * settings.momentumCorrection(at: iteration)
    }

    func apply(
        _ w: inout MutableSpan<Float>, _ g: Span<Float>, _ gradient: DecayedGradient,
        _ first: inout MutableSpan<Float>, _ second: inout MutableSpan<Float>
    ) {
        precondition(w.count == g.count && first.count == g.count)
        for i in g.indices {
            first[i] = momentum * first[i] + rate * gradient(g[i], w[i])
            w[i] -= first[i]
        }
    }
}
