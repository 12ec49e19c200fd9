import Tensors

/// RMSProp: H ← ρ·H + (1 − ρ)·g², w ← w − rate·g / (√H + δ), ρ = rms_decay.
///
/// Source: Tieleman, Hinton, lecture 6.5 of "Neural networks for machine learning", 2012; Caffe,
/// src/caffe/solvers/rmsprop_solver.cpp.
struct RMSProp: UpdateRule {
    private let rate, decay, delta: Float

    static func check(_ settings: SolverSettings) throws {
        try settings.refuseMomentum("RMSProp")
        guard (0..<1).contains(settings.rmsDecay) else {
            throw SolverError("solver: rms_decay is \(settings.rmsDecay), expected 0 or more and less than 1")
        }
    }

    init(_ settings: SolverSettings, rate: Float, decay: Float, iteration: Int) {
        self.rate = rate
        self.decay = settings.rmsDecay
        delta = settings.delta
    }

    func apply(
        _ w: inout MutableSpan<Float>, _ g: Span<Float>, _ gradient: DecayedGradient,
        _ first: inout MutableSpan<Float>, _ second: inout MutableSpan<Float>
    ) {
        precondition(w.count == g.count && first.count == g.count)
        for i in g.indices {
            let value = gradient(g[i], w[i])
            first[i] = decay * first[i] + (1 - decay) * value * value
            w[i] -= rate * value / (first[i].squareRoot() + delta)
        }
    }
}
