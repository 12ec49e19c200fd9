internal import SwiftProtobuf

/// Brings nets and solvers of older Caffe versions to today's form.
///
/// Source: BVLC caffe, src/caffe/util/upgrade_proto.cpp, in its order: transformation fields, `layers` → `layer`,
/// `input` → an Input layer, BatchNorm's three parameters.
package enum Upgrade {
    /// A net in today's form and a sentence for each kind of change.
    ///
    /// Layers keep their order; an Input layer made from `input` comes first. A net in today's form comes back
    /// as it is, without notes.
    ///
    /// - Throws: `DefinitionError` for a net that is neither old nor new.
    package static func net(_ old: NetParameter) throws(DefinitionError) -> (net: NetParameter, notes: [String]) {
        var net = old
        var notes: [String] = []
        try upgradeV1Layers(&net, &notes)
        try upgradeInputs(&net, &notes)
        upgradeBatchNorm(&net, &notes)
        noteIgnoredTransforms(net, &notes)
        return (net, notes)
    }

    /// A solver with its type as a string, its nets left as they are.
    ///
    /// - Throws: `DefinitionError` when both the old and the new field give the type.
    package static func solver(
        _ old: SolverParameter
    ) throws(DefinitionError) -> (solver: SolverParameter, notes: [String]) {
        guard old.hasSolverType else { return (old, []) }
        guard !old.hasType else {
            throw DefinitionError(
                layer: nil, subject: "the solver", problem: "its type is given twice",
                expected: "either type or the old solver_type", found: "both")
        }
        var solver = old
        solver.type =
            switch old.solverType {
            case .sgd: "SGD"
            case .nesterov: "Nesterov"
            case .adagrad: "AdaGrad"
            case .rmsprop: "RMSProp"
            case .adadelta: "AdaDelta"
            case .adam: "Adam"
            }
        solver.clearSolverType()
        return (solver, ["solver_type is now type: \"\(solver.type)\""])
    }

    private static func upgradeV1Layers(_ net: inout NetParameter, _ notes: inout [String]) throws(DefinitionError) {
        guard !net.layers.isEmpty else { return }
        guard net.layer.isEmpty else {
            throw DefinitionError(
                layer: nil, subject: "the net", problem: "two ages of layers in one net",
                expected: "either layers { } (old) or layer { } throughout",
                found: "\(net.layers.count) layers { } and \(net.layer.count) layer { }")
        }
        var upgraded: [LayerParameter] = []
        for index in net.layers.indices { upgraded.append(try layer(net.layers[index], index: index)) }
        net.layers = []
        net.layer = upgraded
        notes.append("\(upgraded.count) old layers { } read as layer { }")
    }

    /// `input` with `input_shape`, or with four `input_dim` each, becomes a layer of type Input.
    private static func upgradeInputs(_ net: inout NetParameter, _ notes: inout [String]) throws(DefinitionError) {
        guard !net.input.isEmpty else { return }
        var shapes = net.inputShape
        if shapes.isEmpty {
            let dims = net.inputDim.map(Int64.init)
            shapes = stride(from: 0, to: dims.count, by: 4).map { start in
                BlobShape.with { $0.dim = Array(dims[start..<min(start + 4, dims.count)]) }
            }
        }
        guard shapes.count == net.input.count, net.inputShape.count > 0 || net.inputDim.count % 4 == 0 else {
            throw DefinitionError(
                layer: nil, subject: "the net", problem: "inputs and their shapes do not match",
                expected: "an input_shape or four input_dim for each of the \(net.input.count) inputs",
                found: "\(net.inputShape.count) input_shape and \(net.inputDim.count) input_dim")
        }
        let layer = LayerParameter.with {
            $0.name = "input"
            $0.type = "Input"
            $0.top = net.input
            $0.inputParam.shape = shapes
        }
        net.layer.insert(layer, at: 0)
        net.input = []
        net.inputShape = []
        net.inputDim = []
        notes.append("input fields read as a layer of type Input")
    }

    /// Old BatchNorm layers listed their three statistics as parameters; the solver must not touch them.
    private static func upgradeBatchNorm(_ net: inout NetParameter, _ notes: inout [String]) {
        var changed: [String] = []
        for index in net.layer.indices where net.layer[index].type == "BatchNorm" {
            guard net.layer[index].param.count == 3 else { continue }
            let wasFrozen = net.layer[index].param.allSatisfy { $0.lrMult == 0 && $0.decayMult == 0 }
            for param in 0..<3 {
                net.layer[index].param[param].lrMult = 0
                net.layer[index].param[param].decayMult = 0
            }
            if !wasFrozen { changed.append("\"\(net.layer[index].name)\"") }
        }
        guard !changed.isEmpty else { return }
        notes.append("BatchNorm \(changed.joined(separator: ", ")): lr_mult and decay_mult of the statistics set to 0")
    }
}
