import CaffeProto
import Tensors

/// Layers that move numbers, and sums of them.
extension ONNXLayer {
    /// Gives the tensor the top's shape, whatever the number of samples.
    func reshape(_ graph: inout ONNXGraph) {
        // 0: as long as the input's axis in that place.
        let shape = graph.constant([0] + top[0].shape.dims[1...], for: "\(definition.name)/shape")
        chain([Operation("Reshape", [shape])], &graph)
    }

    func split(_ graph: inout ONNXGraph) {
        for output in outputs { graph.chain([], from: inputs[0], to: output, layer: definition.name) }
    }

    func concat(_ graph: inout ONNXGraph) throws {
        let parameter = definition.concatParam
        let axis = try axis(parameter.hasConcatDim ? Int32(parameter.concatDim) : parameter.axis)
        graph.add("Concat", inputs, to: outputs, name: definition.name, ["axis": .int(axis)])
    }

    func slice(_ graph: inout ONNXGraph) throws {
        let parameter = definition.sliceParam
        let axis = try axis(parameter.hasSliceDim ? Int32(parameter.sliceDim) : parameter.axis)
        let lengths = graph.constant(top.map { $0.shape[axis] }, for: "\(definition.name)/lengths")
        graph.add("Split", [inputs[0], lengths], to: outputs, name: definition.name, ["axis": .int(axis)])
    }

    func reduction(_ graph: inout ONNXGraph) throws {
        let parameter = definition.reductionParam
        let axes = Array(try axis(parameter.axis)..<bottom[0].shape.axes)
        let attributes: KeyValuePairs<String, ONNXGraph.Attribute> = ["axes": .ints(axes), "keepdims": .int(0)]
        var operations =
            switch parameter.operation {
            // The one reduction of this opset that takes its axes as an input.
            case .sum:
                [Operation("ReduceSum", [graph.constant(axes, for: "\(definition.name)/axes")], ["keepdims": .int(0)])]
            case .asum: [Operation("ReduceL1", [], attributes)]
            case .sumsq: [Operation("ReduceSumSquare", [], attributes)]
            case .mean: [Operation("ReduceMean", [], attributes)]
            }
        if parameter.coeff != 1 { operations.append(Operation("Mul", [constant(parameter.coeff, &graph)])) }
        chain(operations, &graph)
    }
}
