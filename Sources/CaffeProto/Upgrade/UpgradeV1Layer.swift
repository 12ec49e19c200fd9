internal import SwiftProtobuf

extension Upgrade {
    /// An old layer of either old format in today's form; `index` is for errors.
    ///
    /// - Throws: `DefinitionError` for a layer of the first format with a type that Caffe did not have.
    static func layer(_ old: V1LayerParameter, index: Int?) throws(DefinitionError) -> LayerParameter {
        layer(try v1Layer(old, index: index).layer)
    }

    /// A layer of 2014 in today's form.
    static func layer(_ old: V1LayerParameter) -> LayerParameter {
        var layer = LayerParameter()
        layer.bottom = old.bottom
        layer.top = old.top
        if old.hasName { layer.name = old.name }
        layer.include = old.include
        layer.exclude = old.exclude
        if old.hasType { layer.type = LayerTypes.modernName(of: old.type) }
        layer.blobs = old.blobs
        layer.param = params(of: old)
        layer.lossWeight = old.lossWeight
        copyParameters(from: old, to: &layer)
        moveTransforms(in: &layer)
        return layer
    }

    /// The four parallel lists of an old layer as one list of `param { }`.
    private static func params(of old: V1LayerParameter) -> [ParamSpec] {
        let count = max(old.param.count, old.blobShareMode.count, old.blobsLr.count, old.weightDecay.count)
        return (0..<count).map { index in
            ParamSpec.with {
                if index < old.param.count { $0.name = old.param[index] }
                if index < old.blobShareMode.count {
                    $0.shareMode = old.blobShareMode[index] == .strict ? .strict : .permissive
                }
                if index < old.blobsLr.count { $0.lrMult = old.blobsLr[index] }
                if index < old.weightDecay.count { $0.decayMult = old.weightDecay[index] }
            }
        }
    }

    private static func copyParameters(from old: V1LayerParameter, to layer: inout LayerParameter) {
        if old.hasAccuracyParam { layer.accuracyParam = old.accuracyParam }
        if old.hasArgmaxParam { layer.argmaxParam = old.argmaxParam }
        if old.hasConcatParam { layer.concatParam = old.concatParam }
        if old.hasContrastiveLossParam { layer.contrastiveLossParam = old.contrastiveLossParam }
        if old.hasConvolutionParam { layer.convolutionParam = old.convolutionParam }
        if old.hasDataParam { layer.dataParam = old.dataParam }
        if old.hasDropoutParam { layer.dropoutParam = old.dropoutParam }
        if old.hasDummyDataParam { layer.dummyDataParam = old.dummyDataParam }
        if old.hasEltwiseParam { layer.eltwiseParam = old.eltwiseParam }
        if old.hasExpParam { layer.expParam = old.expParam }
        if old.hasHdf5DataParam { layer.hdf5DataParam = old.hdf5DataParam }
        if old.hasHdf5OutputParam { layer.hdf5OutputParam = old.hdf5OutputParam }
        if old.hasHingeLossParam { layer.hingeLossParam = old.hingeLossParam }
        if old.hasImageDataParam { layer.imageDataParam = old.imageDataParam }
        if old.hasInfogainLossParam { layer.infogainLossParam = old.infogainLossParam }
        if old.hasInnerProductParam { layer.innerProductParam = old.innerProductParam }
        if old.hasLrnParam { layer.lrnParam = old.lrnParam }
        if old.hasMemoryDataParam { layer.memoryDataParam = old.memoryDataParam }
        if old.hasMvnParam { layer.mvnParam = old.mvnParam }
        if old.hasPoolingParam { layer.poolingParam = old.poolingParam }
        if old.hasPowerParam { layer.powerParam = old.powerParam }
        if old.hasReluParam { layer.reluParam = old.reluParam }
        if old.hasSigmoidParam { layer.sigmoidParam = old.sigmoidParam }
        if old.hasSoftmaxParam { layer.softmaxParam = old.softmaxParam }
        if old.hasSliceParam { layer.sliceParam = old.sliceParam }
        if old.hasTanhParam { layer.tanhParam = old.tanhParam }
        if old.hasThresholdParam { layer.thresholdParam = old.thresholdParam }
        if old.hasWindowDataParam { layer.windowDataParam = old.windowDataParam }
        if old.hasTransformParam { layer.transformParam = old.transformParam }
        if old.hasLossParam { layer.lossParam = old.lossParam }
    }
}
