import Tensors

/// AdaGrad: H ← H + g², w ← w − rate·g / (√H + δ).
///
/// Source: Duchi, Hazan, Singer, JMLR 12, 2011; Caffe, src/caffe/solvers/adagrad_solver.cpp.
struct AdaGrad: UpdateRule {
    private let rate, delta: Float

    static func check(_ settings: SolverSettings) throws {
        try settings.refuseMomentum("AdaGrad")
    }

    init(_ settings: SolverSettings, rate: Float, decay: Float, iteration: Int) {
        self.rate = rate
        delta = settings.delta
    }

    func apply(
        _ w: inout MutableSpan<Float>, _ g: Span<Float>, _ gradient: DecayedGradient,
        _ first: inout MutableSpan<Float>, _ second: inout MutableSpan<Float>
    ) {
        precondition(w.count == g.count && first.count == g.count)
        for i in g.indices {
            let value = gradient(g[i], w[i])
            first[i] += value * value
            w[i] -= rate * value / (first[i].squareRoot() + delta)
        }
    }
}
