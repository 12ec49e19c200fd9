package import CaffeProto
package import Nets
package import Tensors

/// Turns the global batch's gradients into new weights.
///
/// Before a solver's own rule come, for all of them and in Caffe's order (src/caffe/solvers/sgd_solver.cpp,
/// ApplyUpdate): clipping by the global norm, division by iter_size, and weight decay.
package class Solver {
    package let settings: SolverSettings
    package let store: ParameterStore
    /// The solver's memory (momentum …), each laid out like the store's values.
    package let history: [FloatStorage]

    package init(_ settings: SolverSettings, store: ParameterStore, historyCount: Int) {
        self.settings = settings
        self.store = store
        history = (0..<historyCount).map { _ in FloatStorage(count: store.values.count) }
    }

    /// The solver that a definition's `type` names.
    package static func make(_ settings: SolverSettings, store: ParameterStore) throws -> Solver {
        switch settings.type {
        case "SGD":
            return SGDSolver(settings, store: store)
        default:
            let near = nearest(settings.type, in: ["SGD"]).map { "; did you mean \"\($0)\"?" } ?? ""
            throw SolverError("unknown solver type \"\(settings.type)\"\(near) (known: SGD)")
        }
    }

    /// Changes the weights by the gradients that lie in the store.
    package func update(iteration: Int) {
        let rate = settings.learningRate(at: iteration)
        let scale = gradientScale()
        for (index, parameter) in store.parameters.enumerated() where parameter.learns {
            let decay = settings.weightDecay * parameter.decayMultiplier
            update(
                Slice(store: store, index: index), rate: rate * parameter.learningRateMultiplier,
                gradientScale: scale, decay: decay)
        }
    }

    /// One parameter's update: gradient × scale + decay · weight is what the rule takes as its gradient.
    package func update(_ slice: Slice, rate: Float, gradientScale: Float, decay: Float) {
        preconditionFailure("\(settings.type) has no update")
    }

    /// What a gradient is multiplied by before anything else: clipping and the mean over sub-batches.
    private func gradientScale() -> Float {
        let mean = 1 / Float(settings.iterSize)
        guard let limit = settings.clipGradients, let gradients = store.gradients else { return mean }
        let norm = Float(gradients.withSpan { sumOfSquares($0) }.squareRoot())
        return norm > limit ? mean * limit / norm : mean
    }

    /// Where a parameter lies in the flat buffers.
    package struct Slice {
        package let parameter: Parameter
        package let range: Range<Int>

        init(store: ParameterStore, index: Int) {
            parameter = store.parameters[index]
            range = store.offsets[index]..<store.offsets[index] + parameter.shape.count
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
