package import CaffeProto
import Foundation

/// The learning rate as a pure function of the iteration, so that a resumed run needs nothing but its number.
///
/// Source: Caffe, src/caffe/solvers/sgd_solver.cpp, GetLearningRate.
package enum LearningRatePolicy: Equatable, Sendable {
    case fixed
    /// γ ^ ⌊iteration / size⌋
    case step(gamma: Double, size: Int)
    /// γ ^ iteration
    case exponential(gamma: Double)
    /// (1 + γ · iteration) ^ −power
    case inverse(gamma: Double, power: Double)
    /// γ ^ (how many of the steps are reached)
    case multistep(gamma: Double, steps: [Int])
    /// (1 − iteration / max_iter) ^ power
    case polynomial(power: Double, maxIteration: Int)
    /// 1 / (1 + exp(−γ · (iteration − size)))
    case sigmoid(gamma: Double, size: Int)

    package static let names = ["fixed", "step", "exp", "inv", "multistep", "poly", "sigmoid"]

    /// Reads the policy of a solver definition; a missing or senseless field is an error that names it.
    package init(_ solver: SolverParameter) throws {
        let gamma = Double(solver.gamma)
        func need(_ present: Bool, _ field: String) throws {
            guard present else {
                throw SolverError("lr_policy \"\(solver.lrPolicy)\" needs \(field); add it to the solver")
            }
        }
        switch solver.lrPolicy {
        case "fixed":
            self = .fixed
        case "step":
            try need(solver.hasGamma, "gamma")
            try need(solver.stepsize > 0, "stepsize, more than 0")
            self = .step(gamma: gamma, size: Int(solver.stepsize))
        case "exp":
            try need(solver.hasGamma, "gamma")
            self = .exponential(gamma: gamma)
        case "inv":
            try need(solver.hasGamma, "gamma")
            try need(solver.hasPower, "power")
            self = .inverse(gamma: gamma, power: Double(solver.power))
        case "multistep":
            try need(solver.hasGamma, "gamma")
            try need(!solver.stepvalue.isEmpty, "at least one stepvalue")
            self = .multistep(gamma: gamma, steps: solver.stepvalue.map(Int.init))
        case "poly":
            try need(solver.hasPower, "power")
            try need(solver.maxIter > 0, "max_iter, more than 0")
            self = .polynomial(power: Double(solver.power), maxIteration: Int(solver.maxIter))
        case "sigmoid":
            try need(solver.hasGamma, "gamma")
            try need(solver.hasStepsize, "stepsize")
            self = .sigmoid(gamma: gamma, size: Int(solver.stepsize))
        default:
            let near = nearest(solver.lrPolicy, in: Self.names).map { "; did you mean \"\($0)\"?" } ?? ""
            throw SolverError(
                "unknown lr_policy \"\(solver.lrPolicy)\"\(near) (known: \(Self.names.joined(separator: ", ")))")
        }
    }

    /// What base_lr is multiplied by at an iteration, counted from 0.
    package func factor(at iteration: Int) -> Double {
        let t = Double(iteration)
        switch self {
        case .fixed: return 1
        case .step(let gamma, let size): return pow(gamma, Double(iteration / size))
        case .exponential(let gamma): return pow(gamma, t)
        case .inverse(let gamma, let power): return pow(1 + gamma * t, -power)
        case .multistep(let gamma, _): return pow(gamma, Double(stepsReached(at: iteration)))
        case .polynomial(let power, let last): return pow(max(0, 1 - t / Double(last)), power)
        case .sigmoid(let gamma, let size): return 1 / (1 + exp(-gamma * (t - Double(size))))
        }
    }

    /// Caffe's `current_step`: for step and multistep the number of steps taken before this iteration's update.
    ///
    /// Caffe takes at most one multistep an iteration, so a value given twice counts one iteration late.
    package func stepsReached(at iteration: Int) -> Int {
        switch self {
        case .step(_, let size):
            return iteration / size
        case .multistep(_, let steps):
            var reached = 0
            var earliest = 0
            for step in steps {
                earliest = max(step, earliest)
                guard iteration >= earliest else { break }
                reached += 1
                earliest += 1
            }
            return reached
        default:
            return 0
        }
    }
}
