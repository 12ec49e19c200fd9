import Tensors

/// Adam with decoupled weight decay: the decay is no part of the gradient, w ← w − Adam's update − rate·decay·w.
///
/// Source: Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019. Not in Caffe.
struct AdamW: UpdateRule {
    private let moments: Adam.Moments
    private let shrink: Float

    static var historyCount: Int { 2 }

    static func check(_ settings: SolverSettings) throws {
        guard settings.regularization == .l2 else {
            throw SolverError("solver: AdamW decays weights by their value, so regularization_type must be L2")
        }
    }

    init(_ settings: SolverSettings, rate: Float, decay: Float, iteration: Int) {
        moments = Adam.Moments(settings, rate: rate, iteration: iteration)
        shrink = rate * decay
    }

    var decaysGradient: Bool { false }

    func apply(
        _ w: inout MutableSpan<Float>, _ g: Span<Float>, _ gradient: DecayedGradient,
        _ first: inout MutableSpan<Float>, _ second: inout MutableSpan<Float>
    ) {
        moments.apply(&w, g, gradient, &first, &second, shrink: shrink)
    }
}
