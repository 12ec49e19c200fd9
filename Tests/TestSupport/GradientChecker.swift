import CaffeProto
package import Nets
import Tensors

/// Compares a net's gradients with central differences of an objective.
///
/// The objective is Σ w · y over the net's outputs, summed in Double: w random for what is no loss, the loss weight for
/// losses. Checked are all inputs that get a gradient and all parameters that learn.
/// The values must lie away from kinks by more than `step` (see `TestValues.uniform`).
package struct GradientChecker {
    package let net: Net
    private let step: Float
    private let threshold: Double
    /// w of each output.
    private let weights: [[Float]]

    /// - Parameter prototxt: a V2 text whose inputs are Input layers.
    package init(
        _ prototxt: String, _ context: NetContext = NetContext(phase: .train), step: Float = 1e-2,
        threshold: Double = 1e-2
    ) throws {
        net = try TestNet.make(prototxt, context, forceBackward: true)
        self.step = step
        self.threshold = threshold
        weights = net.outputs.enumerated().map { index, output in
            output.lossWeight != 0
                ? Array(repeating: output.lossWeight, count: output.blob.count)
                : TestValues.uniform(output.blob.count, seed: 100 + UInt64(index))
        }
        net.parameters.fill(seed: 7)
        for (index, blob) in net.inputs.enumerated() {
            blob.copyData(from: TestValues.uniform(blob.count, seed: 10 + UInt64(index)))
        }
    }

    /// Replaces the random values of an input.
    package func set(_ input: String, _ values: [Float]) { net.input(input).copyData(from: values) }

    /// One sentence for each gradient that is off by more than threshold × max(1, |analytic|, |numeric|); at most a few.
    package func mismatches() throws -> [String] {
        try runBackward()
        var checked: [(blob: Blob, gradient: [Float])] = []
        for blob in net.inputs where blob.hasDiff { checked.append((blob, blob.diffArray)) }
        for parameter in net.parameters.parameters where parameter.learns {
            checked.append((parameter.blob, parameter.blob.diffArray))
        }
        precondition(!checked.isEmpty, "nothing in this net gets a gradient")
        return try checked.flatMap { try mismatches(of: $0.blob, $0.gradient) }
    }

    private func runBackward() throws {
        net.parameters.clearGradients()
        try net.forward()
        for (output, weights) in zip(net.outputs, weights) where output.blob.hasDiff && output.lossWeight == 0 {
            output.blob.setPlainDiff(weights)
        }
        try net.backward()
    }

    private func mismatches(of blob: Blob, _ gradient: [Float]) throws -> [String] {
        var found: [String] = []
        for index in gradient.indices where found.count < 3 {
            let value = blob.withData { $0[index] }
            let above = try objective(blob, index, value + step)
            let below = try objective(blob, index, value - step)
            blob.withMutableData { $0[index] = value }
            let (analytic, numeric) = (Double(gradient[index]), (above - below) / Double(2 * step))
            if !(abs(analytic - numeric) <= threshold * max(1, abs(analytic), abs(numeric))) {
                found.append("\(blob.name)[\(index)]: gradient \(analytic), central difference \(numeric)")
            }
        }
        return found
    }

    private func objective(_ blob: Blob, _ index: Int, _ value: Float) throws -> Double {
        blob.withMutableData { $0[index] = value }
        try net.forward()
        var sum = 0.0
        for (output, weights) in zip(net.outputs, weights) {
            for (y, w) in zip(output.blob.plainData, weights) { sum += Double(w) * Double(y) }
        }
        return sum
    }
}
