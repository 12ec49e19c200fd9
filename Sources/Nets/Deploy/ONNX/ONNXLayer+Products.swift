import CaffeProto
import Tensors

/// Layers that multiply by matrices.
extension ONNXLayer {
    func convolution(_ graph: inout ONNXGraph) throws {
        let geometry = try ConvolutionDefinition(definition).geometry(on: bottom[0], of: definition)
        window("Conv", geometry, &graph)
    }

    func deconvolution(_ graph: inout ONNXGraph) throws {
        let geometry = try ConvolutionDefinition(definition).reversedGeometry(on: bottom[0], of: definition)
        window("ConvTranspose", geometry, &graph)
    }

    private func window(_ type: String, _ geometry: ConvolutionGeometry, _ graph: inout ONNXGraph) {
        let weights = parameters.map { graph.weights($0) }
        chain(
            [
                Operation(
                    type, weights,
                    [
                        "kernel_shape": .ints(geometry.kernel.lengths), "strides": .ints(geometry.stride.lengths),
                        "pads": .ints(geometry.pad.lengths + geometry.pad.lengths),
                        "dilations": .ints(geometry.dilation.lengths), "group": .int(geometry.group),
                    ])
            ], &graph)
    }

    func innerProduct(_ graph: inout ONNXGraph) throws {
        let parameter = definition.innerProductParam
        let axis = try axis(parameter.axis)
        let shape = bottom[0].shape
        let inputs = shape.count(from: axis)
        var operations: [Operation] = []
        // Every vector a row of one matrix.
        if shape.dims != [1, inputs] {
            operations.append(Operation("Reshape", [graph.constant([-1, inputs], for: "\(definition.name)/rows")]))
        }
        operations.append(
            Operation(
                "Gemm", parameters.map { graph.weights($0) }, ["transB": .int(parameter.transpose ? 0 : 1)]))
        if axis > 1 {
            let dims = [-1] + shape.dims[1..<axis] + [Int(parameter.numOutput)]
            operations.append(Operation("Reshape", [graph.constant(dims, for: "\(definition.name)/shape")]))
        }
        chain(operations, &graph)
    }
}

extension Extent {
    /// Height and width, ONNX's order.
    var lengths: [Int] { [height, width] }
}
