package import Tensors

/// All learnable parameters of a net: values in one buffer, gradients in another, in the order of the layers.
///
/// So the exchange and the update run over flat memory without packing (Caffe: src/caffe/parallel.cpp, Params).
/// Each parameter starts at a 64-byte boundary; the few floats between two parameters stay zero.
package final class ParameterStore {
    package let parameters: [Parameter]
    /// Where each parameter starts, in floats.
    package let offsets: [Int]
    package let values: FloatStorage
    /// nil in a net that only looks (TEST).
    package let gradients: FloatStorage?

    /// Lays out the parameters that no other net owns.
    init(_ parameters: [Parameter], withGradients: Bool) {
        let floatsPerLine = FloatStorage.alignment / MemoryLayout<Float>.stride
        var offsets: [Int] = []
        var end = 0
        for parameter in parameters {
            offsets.append(end)
            end += (parameter.shape.count + floatsPerLine - 1) / floatsPerLine * floatsPerLine
        }
        self.parameters = parameters
        self.offsets = offsets
        values = FloatStorage(count: end)
        gradients = withGradients ? FloatStorage(count: end) : nil
        for (parameter, offset) in zip(parameters, offsets) {
            let count = parameter.shape.count
            parameter.place(
                data: FloatStorage(sliceOf: values, offset: offset, count: count),
                diff: gradients.map { FloatStorage(sliceOf: $0, offset: offset, count: count) })
        }
    }

    /// Where a parameter lies in values and gradients.
    package func range(of index: Int) -> Range<Int> {
        offsets[index]..<offsets[index] + parameters[index].shape.count
    }

    /// How many learnable numbers there are, without the gaps.
    package var count: Int { parameters.reduce(0) { $0 + $1.shape.count } }

    /// Gives every parameter its filler's values, the same for the same seed on any machine.
    ///
    /// - Parameter alike: a rule such as `_p=`: layer X_p starts with the random numbers of layer X, so that two
    ///   towers that share nothing start equal.
    package func fill(seed: UInt64, alike rule: SuffixRule? = nil) {
        let layerNames = Set(parameters.map(\.layerName))
        for parameter in parameters {
            let counterpart = rule?.counterpart(of: parameter.layerName).flatMap { layerNames.contains($0) ? $0 : nil }
            let source = counterpart ?? parameter.layerName
            let random = Random(seed: seed, purpose: "filler \(source) \(parameter.index)")
            parameter.blob.fillData(parameter.filler, random: random)
        }
    }

    /// Starts a new iteration: the next gradient written to a parameter replaces what is there.
    ///
    /// - Parameter keepingFactors: starts a new piece of the iteration's batch, to whose factors more is added.
    package func clearGradients(keepingFactors: Bool = false) {
        for parameter in parameters { parameter.clearGradient(keepsFactors: keepingFactors) }
    }
}
