package import CaffeProto
import Tensors

extension Net {
    /// Sets up a net from a V2 definition already filtered for its phase (`NetFilter`).
    ///
    /// - Parameter owner: the net whose weights this one shares by layer name (for a TEST net), or nil for own weights.
    /// - Parameter place: where a layer of this name stands in the text, for errors.
    package convenience init(
        _ definition: NetParameter, context: NetContext, sharingWeightsOf owner: Net? = nil,
        place: (String) -> String? = { _ in nil }
    ) throws {
        var builder = NetBuilder(definition, context: context, owner: owner)
        do {
            let parts = try builder.build()
            let store = ParameterStore(parts.ownParameters, withGradients: builder.runsBackward)
            self.init(name: definition.name, context: context, parts: parts, parameters: store)
        } catch var error as NetError {
            if error.place == nil, let layer = builder.current { error.place = place(layer) }
            throw error
        }
    }
}

/// Walks the definitions once, front to back, making layers and the blobs between them (Caffe: src/caffe/net.cpp, Init).
struct NetBuilder {
    /// What a net is made of.
    struct Parts {
        var steps: [Net.Step] = []
        /// In the definition's order.
        var definedSteps: [Net.Step] = []
        var outputs: [Net.Output] = []
        var blobs: [String: Blob] = [:]
        var ownParameters: [Parameter] = []
        var buffers: [FloatStorage] = []
    }

    /// The parameter that layers share under a name, and whether one of them has given its multipliers.
    private struct SharedParameter {
        let parameter: Parameter
        var hasLearningRate: Bool
        var hasDecay: Bool
    }

    private let definition: NetParameter
    private let context: NetContext
    private let owner: Net?
    private var parts = Parts()
    /// Blobs that no layer has read so far, by name, in the order in which they were made.
    private var unread: [String] = []
    /// Whether a gradient flows into the blob of this name.
    private var needsGradient: [String: Bool] = [:]
    private var lossWeights: [String: Float] = [:]
    private var overBatch: Set<String> = []
    /// The bytes that the layers so far have taken.
    private var memory = 0
    private var shared: [String: SharedParameter] = [:]
    /// The layer at work, for errors.
    private(set) var current: String?

    init(_ definition: NetParameter, context: NetContext, owner: Net?) {
        self.definition = definition
        self.context = context
        self.owner = owner
    }

    /// Whether the net has a backward pass at all.
    var runsBackward: Bool { context.phase == .train || definition.forceBackward }

    /// Whether somebody may look at any blob after a pass.
    private var keepsBlobs: Bool { context.keepsBlobs || definition.forceBackward }

    mutating func build() throws -> Parts {
        for layer in definition.layer { try checkName(layer) }
        for layer in try SplitInsertion.insert(into: definition.layer, current: &current) {
            current = layer.name
            try addWithinMemory(layer)
        }
        current = nil
        for name in unread where blob(name).layout != .plain { _ = try reorder(name, to: .plain) }
        parts.outputs = unread.map { name in
            Net.Output(
                name: name, blob: blob(name), lossWeight: lossWeights[name] ?? 0,
                isOverBatch: blob(name).shape.axes == 0 || overBatch.contains(name))
        }
        dropBackwardThatNoLossReaches()
        parts.definedSteps = parts.steps
        if !keepsBlobs { parts.steps = try RectifierPlan.apply(to: parts.steps) }
        allocateGradients()
        if !keepsBlobs {
            parts.buffers = BufferPlan.apply(
                to: parts.steps, outputs: parts.outputs.map(\.blob), sharing: owner?.buffers ?? [])
        }
        return parts
    }

    private var names: Set<String> = []

    private mutating func checkName(_ layer: LayerParameter) throws {
        current = layer.name
        guard names.insert(layer.name).inserted else {
            throw NetError(
                layer: "\(layer.name) (\(layer.type))",
                "a second layer of this name in the same phase; weights are kept by layer name, so names must differ")
        }
    }

    private func blob(_ name: String) -> Blob {
        guard let blob = parts.blobs[name] else { preconditionFailure("no blob \(name)") }
        return blob
    }

    // MARK: One layer

    /// Refuses what can't have been meant before anything is written to its memory.
    private mutating func addWithinMemory(_ definition: LayerParameter) throws {
        let before = FloatStorage.bytesInUse
        do {
            try add(definition)
        } catch let error as ShapeError {
            throw definition.fault("\(error); lower num_output or batch_size, or what else makes it so large")
        }
        // Of each parameter the values, at least.
        let parameters = parts.steps.last?.layer.parameters ?? []
        memory += FloatStorage.bytesInUse - before + parameters.reduce(0) { $0 + 4 * $1.shape.count }
        guard memory > context.memoryLimit else { return }
        throw definition.fault(
            "the net takes \(memory >> 20) MiB of memory up to here, where there are \(context.memoryLimit >> 20): its top is "
                + "\(parts.steps.last?.top.first?.shape ?? []), its weights \(parameters.first?.shape ?? []); lower num_output "
                + "or batch_size, or what else makes it so large")
    }

    private mutating func add(_ definition: LayerParameter) throws {
        let layer = try LayerRegistry.make(definition, context: context)
        try checkCounts(layer)
        layer.runsBackward = runsBackward
        layer.propagateDown = try propagateDown(of: layer)
        var bottom = definition.bottom.map { blob($0) }
        let wanted = try layer.bottomLayouts(bottom).map { layer.readsBFloat16 ? $0 : $0.of(.float32) }
        for (index, layout) in wanted.enumerated() where bottom[index].layout != layout {
            bottom[index] = try reorder(definition.bottom[index], to: layout)
        }
        let top = try makeTops(of: layer, bottom: bottom)
        try layer.setUp(bottom: bottom, top: top)
        try checkPieces(layer)
        try adoptParameters(of: layer)
        let learns = runsBackward && layer.parameters.contains { $0.learns }
        let needs = (propagateDown: layer.propagateDown, any: learns || layer.propagateDown.contains(true))
        for name in definition.bottom { unread.removeAll { $0 == name } }
        var weights: [Float] = []
        for (index, name) in definition.top.enumerated() {
            let weight = try lossWeight(of: layer, top: index)
            weights.append(weight)
            lossWeights[name] = weight
            if layer.topIsOverBatch(index) { overBatch.insert(name) }
            parts.blobs[name] = top[index]
            unread.removeAll { $0 == name }
            unread.append(name)
            needsGradient[name] = needs.any
        }
        parts.steps.append(Net.Step(layer: layer, bottom: bottom, top: top, lossWeights: weights, needs: needs))
    }

    private func checkCounts(_ layer: Layer) throws {
        for (kind, names, allowed) in [
            ("bottom", layer.definition.bottom, layer.bottomCount), ("top", layer.definition.top, layer.topCount),
        ] where !allowed.contains(names.count) {
            let range =
                allowed.lowerBound == allowed.upperBound
                ? "\(allowed.lowerBound)"
                : allowed.upperBound == .max
                    ? "at least \(allowed.lowerBound)" : "\(allowed.lowerBound) to \(allowed.upperBound)"
            throw layer.fault("takes \(range) \(kind) blob(s), found \(names.count): \(names)")
        }
    }

    private func checkPieces(_ layer: Layer) throws {
        guard context.isDeterministic, layer.asksWholeBatch else { return }
        throw layer.fault(
            "needs sums over the whole batch in the middle of a pass, but with --deterministic a pass has a piece of it "
                + "only; train without --deterministic, or without this layer (BatchNorm: use_global_stats: true; "
                + "losses: normalization: BATCH_SIZE; Accuracy: one top and no ignore_label)")
    }

    /// Inserts a visible layer that turns the blob's layout into the one its next reader wants.
    private mutating func reorder(_ name: String, to layout: Layout) throws -> Blob {
        let source = blob(name)
        var definition = LayerParameter()
        definition.name = "\(name)_to_\(layout.description.replacing(" ", with: "_"))"
        definition.type = "Reorder"
        definition.bottom = [name]
        definition.top = [definition.name]
        let layer = try ReorderLayer(definition, context: context, to: layout)
        let needed = runsBackward && wantsGradient(name)
        layer.propagateDown = [needed]
        let top = Blob(name: name)
        try layer.setUp(bottom: [source], top: [top])
        parts.steps.append(
            Net.Step(layer: layer, bottom: [source], top: [top], lossWeights: [0], needs: ([needed], needed)))
        parts.blobs[name] = top
        return top
    }

    private func makeTops(of layer: Layer, bottom: [Blob]) throws -> [Blob] {
        let definition = layer.definition
        return try definition.top.enumerated().map { index, name in
            if definition.bottom.indices.contains(index), definition.bottom[index] == name {
                guard layer.worksInPlace else {
                    throw layer.fault("can't work in place: give its top another name than its bottom \"\(name)\"")
                }
                return bottom[index]
            }
            guard parts.blobs[name] == nil, !definition.top[..<index].contains(name) else {
                throw layer.fault("its top \"\(name)\" is already made by another layer; give it another name")
            }
            return Blob(name: name)
        }
    }

    private func lossWeight(of layer: Layer, top index: Int) throws -> Float {
        let given = layer.definition.lossWeight
        if given.isEmpty { return layer.defaultLossWeight(ofTop: index) }
        guard given.count == layer.definition.top.count else {
            throw layer.fault("has \(given.count) loss_weight for \(layer.definition.top.count) tops; give one a top")
        }
        return given[index]
    }

    // MARK: Parameters

    /// Takes the weights of the owning net, or of the layer that first used a shared name, or counts them as own.
    private mutating func adoptParameters(of layer: Layer) throws {
        if let owner { try Net.share(layer.parameters, from: owner, with: layer) }
        let isOwners = owner?.step(named: layer.name) != nil
        for (index, parameter) in layer.parameters.enumerated() where !isOwners {
            if let first = shared[parameter.sharedName]?.parameter {
                try join(layer, parameter, to: first)
                layer.parameters[index] = first
            } else {
                if !parameter.sharedName.isEmpty {
                    let spec = layer.definition.param[index]
                    shared[parameter.sharedName] = SharedParameter(
                        parameter: parameter, hasLearningRate: spec.hasLrMult, hasDecay: spec.hasDecayMult)
                }
                parts.ownParameters.append(parameter)
            }
        }
    }

    /// Checks that a layer can share the weights of another; multipliers come from the first layer that gives them.
    private mutating func join(_ layer: Layer, _ parameter: Parameter, to first: Parameter) throws {
        let spec = layer.definition.param[parameter.index]
        let fits =
            spec.shareMode == .permissive
            ? parameter.shape.count == first.shape.count : parameter.shape == first.shape
        let sharing = "shares \"\(parameter.sharedName)\" with layer \(first.layerName)"
        guard fits else {
            throw layer.fault("\(sharing), but its shape is \(parameter.shape) and there it is \(first.shape)")
        }
        for (what, given, multiplier, isKnown) in [
            ("lr_mult", spec.hasLrMult, \Parameter.learningRateMultiplier, \SharedParameter.hasLearningRate),
            ("decay_mult", spec.hasDecayMult, \Parameter.decayMultiplier, \SharedParameter.hasDecay),
        ] where given {
            let (mine, theirs) = (parameter[keyPath: multiplier], first[keyPath: multiplier])
            guard shared[parameter.sharedName]?[keyPath: isKnown] == false || mine == theirs else {
                throw layer.fault(
                    "\(sharing), but its \(what) is \(mine) and there it is \(theirs); set it once, or alike")
            }
            first[keyPath: multiplier] = mine
            shared[parameter.sharedName]?[keyPath: isKnown] = true
        }
    }

    // MARK: Gradients

    private func propagateDown(of layer: Layer) throws -> [Bool] {
        let definition = layer.definition
        guard runsBackward else { return definition.bottom.map { _ in false } }
        let given = definition.propagateDown
        guard given.isEmpty || given.count == definition.bottom.count else {
            throw layer.fault(
                "has \(given.count) propagate_down for \(definition.bottom.count) bottoms; give one a bottom")
        }
        return definition.bottom.enumerated().map { index, name in
            guard layer.passesGradient(toBottom: index) else { return false }
            return wantsGradient(name) && (given.isEmpty || given[index])
        }
    }

    private func wantsGradient(_ blob: String) -> Bool {
        needsGradient[blob] ?? false || definition.forceBackward
    }

    /// A layer whose tops lead to no loss has nothing to pass down (Caffe: blobs_under_loss).
    private mutating func dropBackwardThatNoLossReaches() {
        guard !definition.forceBackward else { return }
        var underLoss: Set<ObjectIdentifier> = []
        for index in parts.steps.indices.reversed() {
            let step = parts.steps[index]
            let reached =
                step.lossWeights.contains { $0 != 0 } || step.top.contains { underLoss.contains(ObjectIdentifier($0)) }
            if reached {
                for (blob, down) in zip(step.bottom, step.propagateDown) where down {
                    underLoss.insert(ObjectIdentifier(blob))
                }
            } else {
                parts.steps[index] = step.withoutBackward()
            }
        }
    }

    private func allocateGradients() {
        for step in parts.steps where step.needsBackward {
            for blob in step.top { blob.allocateDiff() }
            for (blob, down) in zip(step.bottom, step.propagateDown) where down { blob.allocateDiff() }
            for (blob, weight) in zip(step.top, step.lossWeights) where weight != 0 {
                blob.withMutableDiff { diff in for i in diff.indices { diff[i] = weight } }
            }
        }
    }
}
