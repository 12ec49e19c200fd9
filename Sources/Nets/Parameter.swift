package import Tensors

/// What backward leaves of a parameter's gradient.
package enum GradientForm {
    /// The gradient, in the parameter's diff.
    case whole
    /// The two matrices whose product it is (weights of inner products).
    case factors(Factors)
    /// Nothing: it is the sum of the rows of another parameter's factors (their biases).
    case sumOfRows(Factors, ofLeft: Bool)
}

/// A learnable blob with its multipliers; layers that share weights hold the same object.
package final class Parameter {
    /// The layer that made it and its number there: 0 weights, 1 bias.
    package let layerName: String
    package let index: Int
    package let shape: Shape
    package let filler: Filler
    /// The name under which layers share it ("" for none).
    package let sharedName: String
    package internal(set) var learningRateMultiplier: Float
    package internal(set) var decayMultiplier: Float
    /// Values and gradient, slices of the net's `ParameterStore`; empty until the net is whole.
    package private(set) var blob: Blob
    /// Whether this iteration's gradient already holds something (a tower that shares weights, an earlier sub-batch).
    package private(set) var hasGradient = false

    init(
        layerName: String, index: Int, shape: Shape, filler: Filler, sharedName: String,
        learningRateMultiplier: Float, decayMultiplier: Float
    ) {
        self.layerName = layerName
        self.index = index
        self.shape = shape
        self.filler = filler
        self.sharedName = sharedName
        self.learningRateMultiplier = learningRateMultiplier
        self.decayMultiplier = decayMultiplier
        blob = Blob(name: "\(layerName)[\(index)]")
    }

    /// What backward leaves of the gradient.
    package private(set) var form = GradientForm.whole

    /// "conv1[0]".
    package var name: String { blob.name }

    /// Whether a gradient is wanted at all (Caffe: lr_mult 0 freezes).
    package var learns: Bool { learningRateMultiplier != 0 }

    /// What backward must multiply the present gradient by before it adds its own: 0 for the first of an iteration,
    /// so that nobody has to clear 430 MB, then 1.
    package func gradientBeta() -> Float {
        defer { hasGradient = true }
        return hasGradient ? 1 : 0
    }

    /// Chooses what backward leaves, before the first iteration; without the whole, its memory is never touched.
    package func keepGradient(as form: GradientForm) {
        switch form {
        case .whole: break
        case .factors(let factors):
            precondition(
                factors.leftWidth * factors.rightWidth == shape.count, "factors of another gradient than \(name)'s")
        case .sumOfRows(let factors, let ofLeft):
            precondition(
                (ofLeft ? factors.leftWidth : factors.rightWidth) == shape.count, "\(name) is no sum of these rows")
        }
        self.form = form
    }

    /// Whether backward makes the gradient itself.
    var isWhole: Bool { if case .whole = form { true } else { false } }

    /// Makes the whole gradient of the global batch from factors that have been exchanged, where it is a sum of their rows.
    package func sumRows() {
        guard case .sumOfRows(let factors, let ofLeft) = form else { return }
        blob.withMutableDiff { diff in factors.sumOfRows(ofLeft: ofLeft, into: &diff) }
    }

    /// - Parameter keepsFactors: whether factors go on growing, as they do from piece to piece of a batch.
    func clearGradient(keepsFactors: Bool) {
        hasGradient = false
        if !keepsFactors, case .factors(let factors) = form { factors.clear() }
    }

    /// Makes the gradient of a parameter that no layer wrote to zero.
    func settleGradient() {
        if !hasGradient, isWhole { blob.withMutableDiff { diff in for i in diff.indices { diff[i] = 0 } } }
        hasGradient = true
    }

    func place(data: FloatStorage, diff: FloatStorage?) {
        blob = Blob(name: name, shape, data: data, diff: diff)
    }
}
