internal import SwiftProtobuf

/// Brings nets and solvers of older Caffe versions to today's form.
///
/// Source: BVLC caffe, src/caffe/util/upgrade_proto.cpp, in its order: padding layers, `layers { layer }` → `layers`,
/// transformation fields, `layers` → `layer`, `input` → an Input layer, BatchNorm's three parameters.
/// Beyond it: nets that mix the ages.
package enum Upgrade {
    /// Which layer of an old net it is: the index in its `layer` or in its `layers`.
    package enum Origin: Equatable, Sendable {
        case new(Int)
        case old(Int)
    }

    /// A net in today's form, what was changed, and where each layer comes from (nil for one that was added).
    struct TracedNet {
        var net: NetParameter
        var notes: [String] = []
        var origins: [Origin?] = []
    }

    /// A net in today's form and a sentence for each kind of change.
    ///
    /// Layers keep their order, `layers` before `layer` where a net has both; an Input layer made from `input` comes
    /// first. A net in today's form comes back as it is, without notes.
    ///
    /// - Throws: `DefinitionError` for a net that no Caffe could read.
    package static func net(_ old: NetParameter) throws(DefinitionError) -> (net: NetParameter, notes: [String]) {
        let traced = try trace(old, order: naturalOrder(old))
        return (traced.net, traced.notes)
    }

    /// `layers` before `layer`, for a net whose text is not known.
    static func naturalOrder(_ net: NetParameter) -> [Origin] {
        net.layers.indices.map { .old($0) } + net.layer.indices.map { .new($0) }
    }

    /// More than any net has; some looks at all layers are made for each.
    static let mostLayers = 10_000

    /// As `net`, the layers in this order, which names each of them once.
    static func trace(_ old: NetParameter, order: [Origin]) throws(DefinitionError) -> TracedNet {
        let count = old.layer.count + old.layers.count
        guard count <= mostLayers else {
            throw DefinitionError(
                layer: nil, subject: "the net", problem: "it is too large", expected: "at most \(mostLayers) layers",
                found: "\(count)")
        }
        var traced = TracedNet(net: old)
        try upgradeLayers(&traced, order)
        try upgradeInputs(&traced)
        upgradeBatchNorm(&traced.net, &traced.notes)
        noteIgnoredTransforms(traced.net, &traced.notes)
        return traced
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

    /// Layers of all ages, in their order, as `layer { }`.
    private static func upgradeLayers(_ traced: inout TracedNet, _ order: [Origin]) throws(DefinitionError) {
        let old = traced.net
        traced.origins = order
        guard !old.layers.isEmpty else { return }
        let (kept, padding) = try foldPadding(old.layers)
        var upgraded: [Int: LayerParameter] = [:]
        var leftOut: [String] = []
        for (index, layer) in kept {
            let result = try v1Layer(layer, index: index)
            upgraded[index] = self.layer(result.layer)
            if !result.leftOut.isEmpty {
                leftOut.append("\(result.leftOut.joined(separator: ", ")) of \(result.layer.name)")
            }
        }
        traced.origins = []
        traced.net.layers = []
        traced.net.layer = []
        for origin in order {
            switch origin {
            case .new(let index): traced.net.layer.append(old.layer[index])
            case .old(let index):
                guard let layer = upgraded[index] else { continue }
                traced.net.layer.append(layer)
            }
            traced.origins.append(origin)
        }
        noteLayers(of: old, padding: padding, leftOut: leftOut, &traced.notes)
    }

    private static func noteLayers(
        of old: NetParameter, padding: [String], leftOut: [String], _ notes: inout [String]
    ) {
        let oldest = old.layers.count(where: isV0)
        if oldest > 0 { notes.append("\(oldest) layers { layer { } } of Caffe's first format read as layer { }") }
        let others = old.layers.count - oldest
        if others > 0 { notes.append("\(others) old layers { } read as layer { }") }
        if !old.layer.isEmpty {
            notes.append(
                "layers { } stand beside \(old.layer.count) layer { }, where Caffe stops: all are taken, in their order"
            )
        }
        if !padding.isEmpty {
            notes.append("padding layers became the pad of the layers after them: \(padding.joined(separator: ", "))")
        }
        if !leftOut.isEmpty {
            notes.append(
                "fields that mean nothing for the type of their layer are left out, as in Caffe: "
                    + leftOut.joined(separator: "; "))
        }
    }

    /// `input` with `input_shape`, or with four `input_dim` each, becomes a layer of type Input.
    private static func upgradeInputs(_ traced: inout TracedNet) throws(DefinitionError) {
        let net = traced.net
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
        traced.net.layer.insert(layer, at: 0)
        traced.origins.insert(nil, at: 0)
        traced.net.input = []
        traced.net.inputShape = []
        traced.net.inputDim = []
        traced.notes.append("input fields read as a layer of type Input")
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
