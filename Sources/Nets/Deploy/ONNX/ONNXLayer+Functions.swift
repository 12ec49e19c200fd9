import CaffeProto
import Tensors

/// Layers that compute number by number.
extension ONNXLayer {
    func rectifier(_ graph: inout ONNXGraph) {
        let slope = definition.reluParam.negativeSlope
        chain([slope == 0 ? Operation("Relu") : Operation("LeakyRelu", [], ["alpha": .float(slope)])], &graph)
    }

    func learnedRectifier(_ graph: inout ONNXGraph) {
        let dims = parameters[0].shape.dims
        let slope = graph.weights(
            parameters[0], dims: dims + Array(repeating: 1, count: dims.isEmpty ? 1 : bottom[0].shape.axes - 2))
        chain([Operation("PRelu", [slope])], &graph)
    }

    func clip(_ graph: inout ONNXGraph) {
        let parameter = definition.clipParam
        chain([Operation("Clip", [constant(parameter.min, &graph), constant(parameter.max, &graph)])], &graph)
    }

    func power(_ graph: inout ONNXGraph) {
        let parameter = definition.powerParam
        var operations = line(scale: parameter.scale, shift: parameter.shift, &graph)
        if parameter.power != 1 { operations.append(Operation("Pow", [constant(parameter.power, &graph)])) }
        chain(operations, &graph)
    }

    func exponential(_ graph: inout ONNXGraph) throws {
        let parameter = definition.expParam
        let logarithm = try definition.logarithm(ofBase: parameter.base, "exp_param")
        let exponent = line(scale: logarithm * parameter.scale, shift: logarithm * parameter.shift, &graph)
        chain(exponent + [Operation("Exp")], &graph)
    }

    func logarithm(_ graph: inout ONNXGraph) throws {
        let parameter = definition.logParam
        let logarithm = try definition.logarithm(ofBase: parameter.base, "log_param")
        chain(
            line(scale: parameter.scale, shift: parameter.shift, &graph) + [Operation("Log")]
                + line(scale: 1 / logarithm, shift: 0, &graph), &graph)
    }

    func swish(_ graph: inout ONNXGraph) {
        let beta = definition.swishParam.beta
        let gate = inner("gate", &graph)
        graph.chain(
            line(scale: beta, shift: 0, &graph) + [Operation("Sigmoid")], from: inputs[0], to: gate, layer: gate)
        chain([Operation("Mul", [gate])], &graph)
    }

    func threshold(_ graph: inout ONNXGraph) {
        let float = 1
        chain(
            [
                Operation("Greater", [constant(definition.thresholdParam.threshold, &graph)]),
                Operation("Cast", [], ["to": .int(float)]),
            ], &graph)
    }

    func eltwise(_ graph: inout ONNXGraph) {
        let parameter = definition.eltwiseParam
        switch parameter.operation {
        case .prod: chain(inputs.dropFirst().map { Operation("Mul", [$0]) }, &graph)
        case .max: graph.add("Max", inputs, to: outputs, name: definition.name)
        case .sum:
            var terms = inputs
            for (index, factor) in parameter.coeff.enumerated() where factor != 1 {
                terms[index] = add("Mul", [inputs[index], constant(factor, &graph)], &graph)
            }
            graph.add("Sum", terms, to: outputs, name: definition.name)
        }
    }

    /// Operators for shift + scale · x: as many as it takes.
    private func line(scale: Float, shift: Float, _ graph: inout ONNXGraph) -> [Operation] {
        (scale == 1 ? [] : [Operation("Mul", [constant(scale, &graph)])])
            + (shift == 0 ? [] : [Operation("Add", [constant(shift, &graph)])])
    }
}
