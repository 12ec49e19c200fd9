import CaffeProto
import Tensors

/// A layer on its way into an ONNX graph: its definition, its weights, and the tensors that stand for its blobs.
struct ONNXLayer {
    typealias Operation = ONNXGraph.Operation

    let definition: LayerParameter
    let parameters: [Parameter]
    /// The shapes of its blobs for one sample.
    let bottom: [Blob]
    let top: [Blob]
    let inputs: [String]
    let outputs: [String]

    private static let writers: [String: @Sendable (ONNXLayer, inout ONNXGraph) throws -> Void] = [
        "AbsVal": { $0.chain([Operation("Abs")], &$1) },
        "BNLL": { $0.chain([Operation("Softplus")], &$1) },
        "BatchNorm": { try $0.batchNorm(&$1) },
        "Bias": { try $0.bias(&$1) },
        "Clip": { $0.clip(&$1) },
        "Concat": { try $0.concat(&$1) },
        "Convolution": { try $0.convolution(&$1) },
        "Deconvolution": { try $0.deconvolution(&$1) },
        "Dropout": { $0.chain([], &$1) },
        "ELU": { $0.chain([Operation("Elu", [], ["alpha": .float($0.definition.eluParam.alpha)])], &$1) },
        "Eltwise": { $0.eltwise(&$1) },
        "Exp": { try $0.exponential(&$1) },
        "Flatten": { $0.reshape(&$1) },
        "InnerProduct": { try $0.innerProduct(&$1) },
        "L2Normalize": { $0.unitLength(&$1) },
        "LRN": { try $0.localResponse(&$1) },
        "Log": { try $0.logarithm(&$1) },
        "Normalize": { $0.normalize(&$1) },
        "PReLU": { $0.learnedRectifier(&$1) },
        "Pooling": { try $0.pooling(&$1) },
        "Power": { $0.power(&$1) },
        "ReLU": { $0.rectifier(&$1) },
        "Reduction": { try $0.reduction(&$1) },
        "Reshape": { $0.reshape(&$1) },
        "Scale": { try $0.scale(&$1) },
        "Sigmoid": { $0.chain([Operation("Sigmoid")], &$1) },
        "Slice": { try $0.slice(&$1) },
        "Softmax": { try $0.softmax(&$1) },
        "Split": { $0.split(&$1) },
        "Swish": { $0.swish(&$1) },
        "TanH": { $0.chain([Operation("Tanh")], &$1) },
        "Threshold": { $0.threshold(&$1) },
    ]

    /// The layer types that have a form in ONNX here, beside Input.
    static var knownTypes: [String] { writers.keys.sorted() }

    /// Adds the operators that compute what the layer computes.
    ///
    /// - Throws: `NetError` for a type without a form in ONNX here, and for what mixes the samples of a batch.
    func write(to graph: inout ONNXGraph) throws {
        guard let writer = Self.writers[definition.type] else {
            throw definition.fault(
                "has no form in ONNX here; what can be exported: \(Self.knownTypes.joined(separator: ", "))")
        }
        for blob in bottom + top where blob.shape.axes == 0 || blob.shape[0] != 1 {
            throw definition.fault(
                "of one image it makes or takes \"\(blob.name)\" of shape \(blob.shape); for export the first axis must "
                    + "stay the samples")
        }
        try writer(self, &graph)
    }

    // MARK: For the layers

    func chain(_ operations: [Operation], _ graph: inout ONNXGraph) {
        graph.chain(operations, from: inputs[0], to: outputs[0], layer: definition.name)
    }

    func constant(_ value: Float, _ graph: inout ONNXGraph) -> String {
        graph.constant([value], for: "\(definition.name)/constant")
    }

    /// A name for a tensor inside of the layer.
    func inner(_ what: String, _ graph: inout ONNXGraph) -> String {
        graph.name(like: "\(definition.name)/\(what)")
    }

    /// Adds an operator whose output is a tensor inside of the layer.
    func add(_ type: String, _ inputs: [String], _ graph: inout ONNXGraph) -> String {
        let output = inner(type, &graph)
        graph.add(type, inputs, to: [output], name: output)
        return output
    }

    /// The axis that a definition names, as a number from 1.
    func axis(_ given: Int32) throws -> Int {
        let shape = bottom[0].shape
        guard let axis = shape.canonicalAxis(Int(given)), axis > 0 else {
            throw definition.fault(
                "works along axis \(given) of \"\(bottom[0].name)\" (\(shape)); for export the first axis must stay the samples"
            )
        }
        return axis
    }
}
