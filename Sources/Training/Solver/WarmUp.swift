import CaffeProto

/// A learning rate that grows evenly from `warmup_start_lr` to base_lr over the first `warmup_iter` iterations.
///
/// Source: Intel Caffe's fields of the same names; Goyal et al., "Accurate, large minibatch SGD", 2017.
struct WarmUp: Equatable, Sendable {
    let iterations: Int
    private let start: Float

    /// nil when the solver asks for none.
    init?(_ solver: SolverParameter) throws {
        guard solver.warmupIter > 0 else { return nil }
        guard solver.warmupStartLr >= 0 else {
            throw SolverError("solver: warmup_start_lr is \(solver.warmupStartLr), expected 0 or more")
        }
        iterations = Int(solver.warmupIter)
        start = solver.warmupStartLr
    }

    func rate(at iteration: Int, to base: Float) -> Float {
        start + (base - start) * Float(iteration) / Float(iterations)
    }
}
