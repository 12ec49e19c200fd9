import CaffeProto
import Foundation
import Tensors

/// Layers that measure what they scale, and those that lay numbers along a tensor.
extension ONNXLayer {
    /// BatchNorm with the running statistics.
    func batchNorm(_ graph: inout ONNXGraph) throws {
        let parameter = definition.batchNormParam
        guard !parameter.hasUseGlobalStats || parameter.useGlobalStats else {
            throw definition.fault("has use_global_stats: false, which mixes the samples of a batch; leave it out")
        }
        guard bottom[0].shape.axes > 1 else {
            throw definition.fault("needs a bottom of N × C × … for export, found \(bottom[0].shape)")
        }
        let divisor = parameters[2].blob.dataArray[0]
        let scale = divisor == 0 ? 0 : 1 / divisor
        let statistics = parameters[..<2].map { parameter in parameter.blob.dataArray.map { scale * $0 } }
        let channels = statistics[0].count
        let names = [
            graph.constant(Array(repeating: 1, count: channels), dims: [channels], for: "\(definition.name)/scale"),
            graph.constant(Array(repeating: 0, count: channels), dims: [channels], for: "\(definition.name)/bias"),
            graph.constant(statistics[0], dims: [channels], for: "\(definition.name)/mean"),
            graph.constant(statistics[1], dims: [channels], for: "\(definition.name)/variance"),
        ]
        chain([Operation("BatchNormalization", names, ["epsilon": .float(parameter.eps)])], &graph)
    }

    func scale(_ graph: inout ONNXGraph) throws {
        let parameter = definition.scaleParam
        let factor =
            try bottom.count == 2
            ? laid(axis: parameter.axis, &graph) : laid(parameters[0], axis: parameter.axis, &graph)
        var operations = [Operation("Mul", [factor])]
        if parameter.biasTerm, let bias = parameters.last {
            operations.append(Operation("Add", [try laid(bias, axis: parameter.axis, &graph)]))
        }
        chain(operations, &graph)
    }

    func bias(_ graph: inout ONNXGraph) throws {
        let axis = definition.biasParam.axis
        let bias = try bottom.count == 2 ? laid(axis: axis, &graph) : laid(parameters[0], axis: axis, &graph)
        chain([Operation("Add", [bias])], &graph)
    }

    /// Weights with lengths of 1 behind theirs, so that they lie along the bottom's axes from `axis` on.
    private func laid(_ parameter: Parameter, axis given: Int32, _ graph: inout ONNXGraph) throws -> String {
        guard parameter.shape.axes > 0 else { return graph.weights(parameter) }
        let behind = bottom[0].shape.axes - (try axis(given)) - parameter.shape.axes
        return graph.weights(parameter, dims: parameter.shape.dims + Array(repeating: 1, count: behind))
    }

    /// The second bottom in the same way; since it has the samples in front, it must lie from axis 0 on.
    private func laid(axis given: Int32, _ graph: inout ONNXGraph) throws -> String {
        let (shape, axes) = (bottom[1].shape, bottom[0].shape.axes)
        guard bottom[0].shape.canonicalAxis(Int(given)) == 0 else {
            throw definition.fault(
                "lays \"\(bottom[1].name)\" from axis \(given) on; for export it must be from axis 0 on")
        }
        if shape.axes == axes { return inputs[1] }
        let dims = [0] + shape.dims[1...] + Array(repeating: 1, count: axes - shape.axes)
        return add("Reshape", [inputs[1], graph.constant(dims, for: "\(definition.name)/shape")], &graph)
    }

    func softmax(_ graph: inout ONNXGraph) throws {
        chain([Operation("Softmax", [], ["axis": .int(try axis(definition.softmaxParam.axis))])], &graph)
    }

    func localResponse(_ graph: inout ONNXGraph) throws {
        let rule = try LRNLayer.Rule(definition)
        guard !rule.isAcrossChannels else {
            chain(
                [
                    Operation(
                        "LRN", [],
                        [
                            "size": .int(rule.size), "alpha": .float(rule.alpha), "beta": .float(rule.beta),
                            "bias": .float(rule.k),
                        ])
                ], &graph)
            return
        }
        let (square, factor) = (inner("square", &graph), inner("factor", &graph))
        graph.add("Mul", [inputs[0], inputs[0]], to: [square], name: square)
        let reach = rule.size / 2
        // The mean over n × n cells with those outside as 0; what it is multiplied by is α.
        graph.chain(
            [
                Operation(
                    "AveragePool", [],
                    [
                        "kernel_shape": .ints([rule.size, rule.size]),
                        "pads": .ints(Array(repeating: reach, count: 4)), "count_include_pad": .int(1),
                    ]),
                Operation("Mul", [constant(rule.alpha, &graph)]), Operation("Add", [constant(rule.k, &graph)]),
                Operation("Pow", [constant(-rule.beta, &graph)]),
            ], from: square, to: factor, layer: factor)
        chain([Operation("Mul", [factor])], &graph)
    }

    func normalize(_ graph: inout ONNXGraph) {
        let (parameter, shape) = (definition.normParam, bottom[0].shape)
        let length = length(axes: parameter.acrossSpatial ? Array(1..<shape.axes) : [1], eps: parameter.eps, &graph)
        let dims = parameters[0].shape.dims
        let scale = graph.weights(
            parameters[0], dims: dims + Array(repeating: 1, count: dims.isEmpty ? 0 : shape.axes - 2))
        chain([Operation("Div", [length]), Operation("Mul", [scale])], &graph)
    }

    func unitLength(_ graph: inout ONNXGraph) {
        let axes = Array(1..<bottom[0].shape.axes)
        let length = length(axes: axes, eps: definition.l2NormalizeParam.eps, &graph)
        chain([Operation("Div", [length])], &graph)
    }

    /// √(Σ x² + eps) over axes, which stay with length 1.
    private func length(axes: [Int], eps: Float, _ graph: inout ONNXGraph) -> String {
        let length = inner("length", &graph)
        graph.chain(
            [
                Operation("ReduceSumSquare", [], ["axes": .ints(axes), "keepdims": .int(1)]),
                Operation("Add", [constant(eps, &graph)]), Operation("Sqrt"),
            ], from: inputs[0], to: length, layer: length)
        return length
    }
}
