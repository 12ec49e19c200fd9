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

    /// Changes the weights by the gradients that lie in the store.
    package func update(iteration: Int) {
        let rate = settings.learningRate(at: iteration)
        let scale = gradientScale()
        for (index, parameter) in store.parameters.enumerated() where parameter.learns {
            let range = store.offsets[index]..<store.offsets[index] + parameter.shape.count
            let decay = settings.weightDecay * parameter.decayMultiplier
            let local = localRate(range, scale: scale, decay: decay)
            let rule = rule.init(
                settings, rate: rate * parameter.learningRateMultiplier * local, decay: decay, iteration: iteration)
            let isL1 = settings.regularization == .l1
            let gradient = DecayedGradient(
                scale: scale, l2: rule.decaysGradient && !isL1 ? decay : 0, l1: rule.decaysGradient && isL1 ? decay : 0)
            apply(rule, gradient, to: range)
        }
    }

    /// What a gradient is multiplied by before anything else: clipping and the mean over sub-batches.
    private func gradientScale() -> Float {
        let mean = 1 / Float(settings.iterSize)
        guard let limit = settings.clipGradients else { return mean }
        let norm = Float(gradients.withSpan { sumOfSquares($0) }.squareRoot())
        return norm > limit ? mean * limit / norm : mean
    }

    private var gradients: FloatStorage {
        guard let gradients = store.gradients else { preconditionFailure("a store without gradients can't learn") }
        return gradients
    }

    /// LARS's own rate of a parameter, ratio · ‖w‖ / (‖g‖ + decay·‖w‖); 1 when it is not asked for.
    ///
    /// Source: You, Gitman, Ginsburg, "Large batch training of convolutional networks" (2017); Intel Caffe, GetLocalRate.
    private func localRate(_ range: Range<Int>, scale: Float, decay: Float) -> Float {
        guard let ratio = settings.localRateRatio else { return 1 }
        let weight = store.values.withSpan { sumOfSquares($0.extracting(range)) }.squareRoot()
        let gradient = gradients.withSpan { sumOfSquares($0.extracting(range)) }.squareRoot() * Double(scale)
        guard weight > 0, gradient > 0 else { return 1 }
        return Float(Double(ratio) * weight / (gradient + Double(decay) * weight))
    }

    /// Runs the rule over a parameter, in parallel parts: each number is read and written once.
    private func apply(_ rule: any UpdateRule, _ gradient: DecayedGradient, to range: Range<Int>) {
        nonisolated(unsafe) let buffers = (w: store.values, g: gradients, a: history[0], b: history[history.count - 1])
        let hasSecond = history.count > 1
        let start = range.lowerBound
        Threads.parallel(range.count) { part in
            let range = start + part.lowerBound..<start + part.upperBound
            unsafe buffers.w.withMutableSpan { (w: inout MutableSpan<Float>) in
                unsafe buffers.a.withMutableSpan { (a: inout MutableSpan<Float>) in
                    unsafe buffers.b.withMutableSpan { (b: inout MutableSpan<Float>) in
                        unsafe buffers.g.withSpan { g in
                            var weights = w._mutatingExtracting(range)
                            var first = a._mutatingExtracting(range)
                            var second = b._mutatingExtracting(hasSecond ? range : 0..<0)
                            rule.apply(&weights, g.extracting(range), gradient, &first, &second)
                        }
                    }
                }
            }
        }
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
