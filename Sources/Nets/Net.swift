import CaffeProto
package import Tensors

/// A net set up for one phase and one shard: its layers in order, the blobs between them, its parameters.
///
/// Built once; `forward` and `backward` run over the same buffers in every step and allocate nothing.
package final class Net {
    /// A layer with what it reads and writes.
    package struct Step {
        package let layer: Layer
        package let bottom: [Blob]
        package let top: [Blob]
        /// Which bottoms get a gradient.
        package fileprivate(set) var propagateDown: [Bool]
        /// Whether backward runs at all: something below learns and something above is a loss.
        package fileprivate(set) var needsBackward: Bool
        /// What each top counts in the loss.
        package let lossWeights: [Float]
        /// Where the layer works if not in the definition's place: "after pool1", "in conv3"; else "".
        package fileprivate(set) var note = ""
    }

    /// A top that no layer reads: losses, accuracies, embeddings.
    package struct Output {
        package let name: String
        package let blob: Blob
        package let lossWeight: Float
        /// Whether the values are over the whole batch, and not one for each sample.
        package let isOverBatch: Bool
    }

    package let name: String
    package let context: NetContext
    /// In the order in which they run.
    package let steps: [Step]
    /// The same in the definition's order, which files keep.
    let definedSteps: [Step]
    package let outputs: [Output]
    package let parameters: ParameterStore
    /// What blobs lie in that need no memory of their own.
    let buffers: [FloatStorage]
    /// Where each layer's times go, if somebody wants them.
    package var timeline: Timeline?
    private let blobsByName: [String: Blob]
    private let lastWriter: [Int]

    init(name: String, context: NetContext, parts: NetBuilder.Parts, parameters: ParameterStore) {
        self.name = name
        self.context = context
        steps = parts.steps
        definedSteps = parts.definedSteps
        outputs = parts.outputs
        buffers = parts.buffers
        blobsByName = parts.blobs
        self.parameters = parameters
        lastWriter = Self.lastWriters(parts.steps, parameters.parameters)
    }

    /// The last blob of that name.
    package func blob(_ name: String) -> Blob? { blobsByName[name] }

    package func step(named layer: String) -> Step? { steps.first { $0.layer.name == layer } }

    /// Runs all layers; returns this shard's part of the loss of the global batch.
    ///
    /// The sum over ranks is the mean over the global batch.
    @discardableResult
    package func forward() throws -> Float {
        var loss: Float = 0
        for step in steps {
            try Timeline.measure(.forward, step.layer.name, in: timeline) {
                try step.layer.forward(bottom: step.bottom, top: step.top)
            }
            loss += Self.loss(of: step)
        }
        return loss
    }

    /// Runs the layers backwards: adds this shard's part of the gradient of the global batch to the parameters' diffs.
    ///
    /// - Parameter ready: called with each learning parameter's number in the store as soon as no layer below adds to its
    ///   gradient any more: from the last parameter to the first, all of them.
    package func backward(ready: (Int) throws -> Void = { _ in }) throws {
        var left = parameters.parameters.count
        for (index, step) in zip(steps.indices, steps).reversed() where step.needsBackward {
            try Timeline.measure(.backward, step.layer.name, in: timeline) {
                try step.layer.backward(top: step.top, propagateDown: step.propagateDown, bottom: step.bottom)
            }
            while left > 0, lastWriter[left - 1] >= index {
                left -= 1
                try settle(left, ready)
            }
        }
        while left > 0 {
            left -= 1
            try settle(left, ready)
        }
    }

    private func settle(_ index: Int, _ ready: (Int) throws -> Void) rethrows {
        let parameter = parameters.parameters[index]
        guard parameter.learns else { return }
        parameter.settleGradient()
        try ready(index)
    }

    /// For each parameter of the store the step that is the last of backward to write to it: the lowest that uses it.
    private static func lastWriters(_ steps: [Step], _ parameters: [Parameter]) -> [Int] {
        parameters.map { parameter in
            steps.firstIndex { step in step.needsBackward && step.layer.parameters.contains { $0 === parameter } }
                ?? steps.count
        }
    }

    private static func loss(of step: Step) -> Float {
        var loss: Float = 0
        for (top, weight) in zip(step.top, step.lossWeights) where weight != 0 {
            loss += weight * top.withData { data in data.indices.reduce(into: Float(0)) { $0 += data[$1] } }
        }
        return loss
    }

    /// Gives the net the weights of another by layer name, without a copy (a TEST net looks at the training net's).
    static func share(_ parameters: [Parameter], from owner: Net, with layer: Layer) throws {
        guard let source = owner.step(named: layer.name)?.layer else { return }
        guard source.parameters.map(\.shape) == parameters.map(\.shape) else {
            throw layer.fault(
                "has parameters \(parameters.map(\.shape)), but the same layer in the training net has "
                    + "\(source.parameters.map(\.shape)); layers of one name must agree in all phases")
        }
        layer.parameters = source.parameters
    }
}

extension Net.Step {
    init(layer: Layer, bottom: [Blob], top: [Blob], lossWeights: [Float], needs: (propagateDown: [Bool], any: Bool)) {
        self.init(
            layer: layer, bottom: bottom, top: top, propagateDown: needs.propagateDown, needsBackward: needs.any,
            lossWeights: lossWeights)
    }

    /// The same layer in place on this blob, with a word about where that is.
    func moved(to blob: Blob, note: String) -> Self {
        var copy = Self(
            layer: layer, bottom: [blob], top: [blob], lossWeights: lossWeights, needs: (propagateDown, needsBackward))
        copy.note = note
        return copy
    }

    /// Backward stops here: nothing above is a loss.
    func withoutBackward() -> Self {
        var copy = self
        copy.needsBackward = false
        copy.propagateDown = propagateDown.map { _ in false }
        return copy
    }
}
