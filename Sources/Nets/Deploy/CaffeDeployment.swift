package import CaffeProto
package import Foundation

/// A tower, or both, in files that Caffe itself loads: only its own layer types, nothing that only training needs.
package struct CaffeDeployment {
    /// What Caffe gets to see.
    package let definition: NetParameter

    /// Layer types of ours that are in no BVLC Caffe, beside those that are said in its terms.
    private static let foreignTypes: Set<String> = ["Normalize", "Partner", "Reorder"]

    /// - Parameter net: with Input layers, filtered for the phase TEST.
    /// - Throws: `NetError` for a layer that Caffe does not have.
    package init(_ net: NetParameter) throws {
        var definition = NetParameter()
        definition.name = net.name
        definition.layer = try net.layer.flatMap(Self.inCaffesTerms)
        self.definition = definition
    }

    private static func inCaffesTerms(_ layer: LayerParameter) throws -> [LayerParameter] {
        if layer.type == "L2Normalize" { return unitLength(layer) }
        guard !foreignTypes.contains(layer.type) else {
            throw layer.fault("is no layer of Caffe's, and can't be said by others of its layers; leave --caffe out")
        }
        var result = layer
        (result.include, result.exclude, result.propagateDown, result.lossWeight) = ([], [], [], [])
        result.blobs = []
        result.clearPhase()
        // The names of shared weights must stay; what the solver does with them must not.
        result.param = layer.param.contains { $0.hasName } ? layer.param.map(nameOnly) : []
        result.clearEngines()
        return [result]
    }

    /// x · (Σ x² + eps)^−½ by three of Caffe's layers.
    private static func unitLength(_ layer: LayerParameter) -> [LayerParameter] {
        func part(_ name: String, _ type: String, _ bottom: [String]) -> LayerParameter {
            var part = LayerParameter()
            (part.name, part.type, part.bottom, part.top) = (name, type, bottom, [name])
            return part
        }
        var squares = part("\(layer.name)_squares", "Reduction", layer.bottom)
        squares.reductionParam.operation = .sumsq
        squares.reductionParam.axis = 1
        var factor = part("\(layer.name)_factor", "Power", squares.top)
        factor.powerParam.power = -0.5
        factor.powerParam.shift = layer.l2NormalizeParam.eps
        var product = part(layer.name, "Scale", layer.bottom + factor.top)
        product.top = layer.top
        product.scaleParam.axis = 0
        return [squares, factor, product]
    }

    private static func nameOnly(_ spec: ParamSpec) -> ParamSpec {
        var only = ParamSpec()
        if spec.hasName { only.name = spec.name }
        if spec.hasShareMode { only.shareMode = spec.shareMode }
        return only
    }

    /// The definition as text, under comment lines.
    package func text(comments: [String]) -> String {
        var named = definition
        if named.name.isEmpty { named.clearName() }
        return comments.map { "# \($0)\n" }.joined() + Prototxt.write(named)
    }

    /// Writes the caffemodel of a net that was set up from `definition`.
    ///
    /// - Throws: what `append` throws.
    package func writeWeights(of net: Net, _ append: @escaping (Data) throws -> Void) throws {
        var header = NetParameter()
        header.name = definition.name
        try net.writeLayers(to: try CaffeModelWriter(header, write: append))
    }
}

extension LayerParameter {
    /// Leaves open who computes: Caffe knows no engine of ours.
    fileprivate mutating func clearEngines() {
        if hasConvolutionParam { convolutionParam.clearEngine() }
        if hasPoolingParam { poolingParam.clearEngine() }
        if hasLrnParam { lrnParam.clearEngine() }
        if hasReluParam { reluParam.clearEngine() }
        if hasSigmoidParam { sigmoidParam.clearEngine() }
        if hasTanhParam { tanhParam.clearEngine() }
        if hasSoftmaxParam { softmaxParam.clearEngine() }
    }
}
