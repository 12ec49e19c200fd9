package import CaffeProto
package import Tensors

/// Looks numbers up in a table: y = W[x] + b, a row of `num_output` numbers for each whole number x in 0 ..< `input_dim`.
///
/// The bottom has any shape, the top one axis more, of length num_output. Parameters: W, input_dim × num_output, and b,
/// num_output, unless `bias_term: false`. Backward: dW[x] += dy, db = Σ dy; the bottom gets no gradient.
/// Source: Caffe, src/caffe/layers/embed_layer.cpp.
package final class EmbedLayer: Layer {
    private let rows: Int
    private let outputs: Int
    private let hasBias: Bool
    /// The rows that the last forward looked up.
    private var indices: [Int] = []

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let parameter = definition.embedParam
        guard parameter.numOutput > 0, parameter.inputDim > 0 else {
            throw definition.fault(
                "has num_output \(parameter.numOutput) and input_dim \(parameter.inputDim); both must be 1 or more")
        }
        (rows, outputs) = (Int(parameter.inputDim), Int(parameter.numOutput))
        hasBias = parameter.biasTerm
        try super.init(definition, context: context)
    }

    package override func passesGradient(toBottom index: Int) -> Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let parameter = definition.embedParam
        indices = Array(repeating: 0, count: bottom[0].count)
        try top[0].reshape(Shape(bottom[0].shape.dims + [outputs]))
        try addParameter([rows, outputs], filler: filler(parameter.weightFiller, "weight_filler"))
        if hasBias { try addParameter([outputs], filler: filler(parameter.biasFiller, "bias_filler")) }
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        try readIndices(bottom[0])
        parameters[0].blob.withData { table in
            top[0].withMutableData { y in
                for (n, row) in indices.enumerated() {
                    for o in 0..<outputs { y[n * outputs + o] = table[row * outputs + o] }
                }
            }
        }
        if hasBias { everyRow.addData(parameters[1].blob, to: top[0]) }
    }

    private func readIndices(_ bottom: Blob) throws {
        try bottom.withData { x in
            for n in indices.indices {
                guard let row = Int(exactly: x[n].rounded(.towardZero)), 0..<rows ~= row else {
                    throw fault(
                        "\(x[n]) of \"\(bottom.name)\" is no row of its table: input_dim is \(rows), so it must be 0 to "
                            + "\(rows - 1)")
                }
                indices[n] = row
            }
        }
    }

    /// How the bias lies along the top.
    private var everyRow: Broadcast { Broadcast([outputs], along: 1, of: [indices.count, outputs]) }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        if parameters[0].learns {
            let beta = parameters[0].gradientBeta()
            parameters[0].blob.withMutableDiff { gradient in
                if beta == 0 { for i in gradient.indices { gradient[i] = 0 } }
                top[0].withDiff { dy in
                    for (n, row) in indices.enumerated() {
                        for o in 0..<outputs { gradient[row * outputs + o] += dy[n * outputs + o] }
                    }
                }
            }
        }
        if hasBias, parameters[1].learns {
            everyRow.sumDiff(of: top[0], beta: parameters[1].gradientBeta(), to: parameters[1].blob)
        }
    }
}
