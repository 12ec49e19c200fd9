import CDNNL

/// Weights in Caffe's order, handed to a primitive in the order that it has chosen.
struct DNNLWeightsInput {
    private let reorder: DNNLPrimitive?
    private let converted: FloatStorage

    /// - Parameters:
    ///   - tensor: The weights' shape, with an axis for the group.
    ///   - converted: Room for the primitive's order; other passes may use it too, since each fills it anew.
    init(of pass: DNNLPrimitive, _ tensor: Shape, _ converted: FloatStorage) throws(DNNLError) {
        self.converted = converted
        if pass.layout(of: cdnnl_weights, tensor) == .plain {
            reorder = nil
        } else {
            let reorder = try DNNLPrimitive("reorder of weights \(tensor)") { op in
                unsafe cdnnl_reorder_into(op, cdnnl_tensor(tensor, .plain), pass.pointer, cdnnl_weights)
            }
            reorder.bind(cdnnl_destination, converted)
            pass.bind(cdnnl_weights, converted)
            self.reorder = reorder
        }
    }

    /// Brings the weights' present values to the primitive.
    func convert(_ weights: Blob, for pass: DNNLPrimitive) throws(DNNLError) {
        guard let reorder else { return unsafe pass.bind(cdnnl_weights, weights.dataPointer) }
        unsafe reorder.bind(cdnnl_source, weights.dataPointer)
        try reorder.run()
    }
}

/// Where a gradient goes: into a blob's diff in place of what is there, added to it, or nowhere.
package enum GradientTarget {
    case replace(Blob)
    case add(Blob)
    case none
}

/// The gradients of weights and bias from a primitive that overwrites, in an order that it has chosen.
struct DNNLWeightsGradient {
    private let converted: FloatStorage
    private let bias: FloatStorage
    /// Nil where the primitive's order is Caffe's.
    private let replace: DNNLPrimitive?
    private let accumulate: DNNLPrimitive

    init(
        of pass: DNNLPrimitive, _ tensor: Shape, _ converted: FloatStorage, biases: Int
    ) throws(DNNLError) {
        func reorder(beta: Float) throws(DNNLError) -> DNNLPrimitive {
            let reorder = try DNNLPrimitive("reorder of weight gradient \(tensor)") { op in
                unsafe cdnnl_reorder_out_of(op, pass.pointer, cdnnl_diff_weights, cdnnl_tensor(tensor, .plain), beta)
            }
            reorder.bind(cdnnl_source, converted)
            return reorder
        }
        self.converted = converted
        bias = FloatStorage(count: biases)
        replace = pass.layout(of: cdnnl_diff_weights, tensor) == .plain ? nil : try reorder(beta: 0)
        accumulate = try reorder(beta: 1)
    }

    /// Runs the pass and puts its gradients where the targets want them.
    func run(_ pass: DNNLPrimitive, weights: GradientTarget, bias: GradientTarget) throws(DNNLError) {
        if case .replace(let blob) = bias {
            unsafe pass.bind(cdnnl_diff_bias, blob.diffPointer)
        } else {
            pass.bind(cdnnl_diff_bias, self.bias)
        }
        if replace == nil, case .replace(let blob) = weights {
            unsafe pass.bind(cdnnl_diff_weights, blob.diffPointer)
        } else {
            pass.bind(cdnnl_diff_weights, converted)
        }
        try pass.run()
        switch weights {
        case .replace(let blob):
            if let replace { try copy(by: replace, to: blob) }
        case .add(let blob): try copy(by: accumulate, to: blob)
        case .none: break
        }
        if case .add(let blob) = bias {
            self.bias.withSpan { part in
                blob.withMutableDiff { sum in for i in part.indices { sum[i] += part[i] } }
            }
        }
    }

    private func copy(by reorder: DNNLPrimitive, to blob: Blob) throws(DNNLError) {
        unsafe reorder.bind(cdnnl_destination, blob.diffPointer)
        try reorder.run()
    }
}
