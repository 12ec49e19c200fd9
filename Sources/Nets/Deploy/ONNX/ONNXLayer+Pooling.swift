import CaffeProto
import Tensors

extension ONNXLayer {
    /// Pads where Caffe's windows reach, so that ONNX's rounding down makes as many of them.
    ///
    /// ONNX's own `ceil_mode` has been read in two ways; and Caffe's AVE divides by a window's cells inside image and pad,
    /// but not by those beyond: the pad is made visible, and what hangs over it does not count.
    func pooling(_ graph: inout ONNXGraph) throws {
        guard top.count == 1 else {
            throw definition.fault("has a second top, the places of the maxima, which has no form in ONNX here")
        }
        let pooling = try PoolingDefinition(definition)
        let geometry = try pooling.geometry(on: bottom[0], of: definition)
        let (kernel, strides) = (geometry.kernel.lengths, geometry.stride.lengths)
        let (pad, overhang) = (geometry.pad.lengths, geometry.overhang.lengths)
        switch pooling.method {
        case .max:
            chain(
                [
                    Operation(
                        "MaxPool", [],
                        ["kernel_shape": .ints(kernel), "strides": .ints(strides), "pads": .ints(pad + overhang)])
                ], &graph)
        case .average:
            var operations: [Operation] = []
            if pad != [0, 0] {
                let pads = graph.constant([0, 0] + pad + [0, 0] + pad, for: "\(definition.name)/pads")
                operations.append(Operation("Pad", [pads]))
            }
            let beyond = zip(overhang, pad).map { max(0, $0 - $1) }
            operations.append(
                Operation(
                    "AveragePool", [],
                    ["kernel_shape": .ints(kernel), "strides": .ints(strides), "pads": .ints([0, 0] + beyond)]))
            chain(operations, &graph)
        }
    }
}
