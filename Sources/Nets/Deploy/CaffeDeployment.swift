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

    private static func nameOnly(_ spec: ParamSpec) -> ParamSpec {
        var only = ParamSpec()
        if spec.hasName { only.name = spec.name }
        if spec.hasShareMode { only.shareMode = spec.shareMode }
        return only
    }

    /// The definition as text, under comment lines.
    package func text(comments: [String]) -> String {
        comments.map { "# \($0)\n" }.joined() + Prototxt.write(definition)
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
