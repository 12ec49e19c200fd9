import CaffeProto
package import Nets
package import Tensors

/// Turns the global batch's gradients into new weights.
///
/// Before a solver's own rule come, for all of them and in Caffe's order (src/caffe/solvers/sgd_solver.cpp,
/// ApplyUpdate): clipping by the global norm, division by iter_size, and weight decay.
package final class Solver {
    package let settings: SolverSettings
    package let store: ParameterStore
    /// The solver's memory (momentum …), each laid out like the store's values.
    package let history: [FloatStorage]
    private let rule: any UpdateRule.Type
    /// Where each thread makes the gradient that it is about to use.
    private lazy var scratch = Update.Scratch(store)

    /// The rules by Caffe's names.
    private static let rules: [String: any UpdateRule.Type] = [
        "SGD": SGD.self, "Nesterov": Nesterov.self, "AdaGrad": AdaGrad.self, "RMSProp": RMSProp.self,
        "AdaDelta": AdaDelta.self, "Adam": Adam.self, "AdamW": AdamW.self,
    ]

    private init(_ settings: SolverSettings, store: ParameterStore, rule: any UpdateRule.Type) {
        self.settings = settings
        self.store = store
        self.rule = rule
        history = (0..<rule.historyCount).map { _ in FloatStorage(count: store.values.count) }
    }

    /// The solver that a definition's `type` names.
    package static func make(_ settings: SolverSettings, store: ParameterStore) throws -> Solver {
        guard let rule = rules[settings.type] else {
            let known = rules.keys.sorted()
            throw SolverError(
                "unknown solver type \"\(settings.type)\"\(didYouMean(settings.type, in: known)) "
                    + "(known: \(known.joined(separator: ", ")))")
        }
        try rule.check(settings)
        return Solver(settings, store: store, rule: rule)
    }

    /// Changes the weights by the gradients that lie in the store, whole or as factors.
    package func update(iteration: Int) {
        update(iteration, .none, norms: wantsNorms ? gradientNorms(.none).whole : nil)
    }

    /// The same for this rank's share of an update that is divided between ranks.
    ///
    /// Collective.
    package func update(iteration: Int, division: UpdateDivision) throws {
        guard wantsNorms else { return update(iteration, division, norms: nil) }
        var (whole, parts) = gradientNorms(division)
        try division.sum(&parts)
        for index in parts.indices { whole[index] += parts[index] }
        update(iteration, division, norms: whole)
    }

    /// - Parameter norms: each parameter's sum of squared gradients of the global batch, where a rule asks for it.
    private func update(_ iteration: Int, _ division: UpdateDivision, norms: [Double]?) {
        Activity.begin("update of the weights")
        let rate = settings.learningRate(at: iteration)
        let scale = gradientScale(norms)
        for (index, parameter) in store.parameters.enumerated() where parameter.learns {
            let decay = settings.weightDecay * parameter.decayMultiplier
            let local = localRate(index, norms: norms, scale: scale, decay: decay)
            let rule = rule.init(
                settings, rate: rate * parameter.learningRateMultiplier * local, decay: decay, iteration: iteration)
            let isL1 = settings.regularization == .l1
            let gradient = DecayedGradient(
                scale: scale, l2: rule.decaysGradient && !isL1 ? decay : 0, l1: rule.decaysGradient && isL1 ? decay : 0)
            let update = Update(
                rule: rule, gradient: gradient, weights: store.values, first: history[0],
                second: history[history.count - 1])
            if case .factors(let factors) = parameter.form {
                update.apply(factors, at: store.offsets[index], scratch)
            } else {
                update.apply(gradients, to: division.own(store.range(of: index)))
            }
        }
    }

    private var wantsNorms: Bool { settings.clipGradients != nil || settings.localRateRatio != nil }

    /// Each parameter's sum of squared gradients, and apart from them this rank's part of those that are divided.
    private func gradientNorms(_ division: UpdateDivision) -> (whole: [Double], parts: [Double]) {
        var (whole, parts) = (store.parameters.map { _ in 0.0 }, store.parameters.map { _ in 0.0 })
        for (index, parameter) in store.parameters.enumerated() {
            let range = store.range(of: index)
            if case .factors(let factors) = parameter.form {
                whole[index] = factors.sumOfSquares()
            } else {
                let sum = gradients.withSpan { sumOfSquares($0.extracting(division.own(range))) }
                if division.isDivided(range) { parts[index] = sum } else { whole[index] = sum }
            }
        }
        return (whole, parts)
    }

    /// What a gradient is multiplied by before anything else: clipping and the mean over sub-batches.
    private func gradientScale(_ norms: [Double]?) -> Float {
        let mean = 1 / Float(settings.iterSize)
        guard let limit = settings.clipGradients, let norms else { return mean }
        let norm = Float(norms.reduce(0, +).squareRoot())
        return norm > limit ? mean * limit / norm : mean
    }

    private var gradients: FloatStorage {
        guard let gradients = store.gradients else { preconditionFailure("a store without gradients can't learn") }
        return gradients
    }

    /// LARS's own rate of a parameter, ratio · ‖w‖ / (‖g‖ + decay·‖w‖); 1 when it is not asked for.
    ///
    /// Source: You, Gitman, Ginsburg, "Large batch training of convolutional networks" (2017); Intel Caffe, GetLocalRate.
    private func localRate(_ index: Int, norms: [Double]?, scale: Float, decay: Float) -> Float {
        guard let ratio = settings.localRateRatio, let norms else { return 1 }
        let weight = store.values.withSpan { sumOfSquares($0.extracting(store.range(of: index))) }.squareRoot()
        let gradient = norms[index].squareRoot() * Double(scale)
        guard weight > 0, gradient > 0 else { return 1 }
        return Float(Double(ratio) * weight / (gradient + Double(decay) * weight))
    }
}

/// The sum of squares in double precision, in a fixed order.
func sumOfSquares(_ values: Span<Float>) -> Double {
    var lanes = SIMD8<Double>.zero
    let whole = values.count / 8 * 8
    for start in stride(from: 0, to: whole, by: 8) {
        var block = SIMD8<Float>()
        for lane in 0..<8 { block[lane] = values[start + lane] }
        let wide = SIMD8<Double>(block)
        lanes += wide * wide
    }
    var sum = lanes.sum()
    for index in whole..<values.count { sum += Double(values[index]) * Double(values[index]) }
    return sum
}
