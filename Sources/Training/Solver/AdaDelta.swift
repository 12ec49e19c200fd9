import Tensors

/// AdaDelta: H ← m·H + (1 − m)·g², u = g·√((U + δ) / (H + δ)), U ← m·U + (1 − m)·u², w ← w − rate·u, m = momentum.
///
/// Source: Zeiler, "ADADELTA: an adaptive learning rate method", 2012; Caffe, src/caffe/solvers/adadelta_solver.cpp.
struct AdaDelta: UpdateRule {
    private let rate, momentum, delta: Float

    static var historyCount: Int { 2 }

    init(_ settings: SolverSettings, rate: Float, decay: Float, iteration: Int) {
        self.rate = rate
        momentum = settings.momentum
        delta = settings.delta
    }

    func apply(
        _ w: inout MutableSpan<Float>, _ g: Span<Float>, _ gradient: DecayedGradient,
        _ first: inout MutableSpan<Float>, _ second: inout MutableSpan<Float>
    ) {
        precondition(w.count == g.count && first.count == g.count && second.count == g.count)
        for i in g.indices {
            let value = gradient(g[i], w[i])
            first[i] = momentum * first[i] + (1 - momentum) * value * value
            let update = value * ((second[i] + delta) / (first[i] + delta)).squareRoot()
            second[i] = momentum * second[i] + (1 - momentum) * update * update
            w[i] -= rate * update
        }
    }
}
