/// A field of Caffe's first format: for which types it meant something, and where it belongs now.
private struct V0Field: Sendable {
    typealias Move = @Sendable (V0LayerParameter, inout V1LayerParameter) -> Void

    let name: String
    let isSet: @Sendable (V0LayerParameter) -> Bool
    /// By layer type; `""` for every type.
    let moves: [String: Move]

    init(_ name: String, _ isSet: @escaping @Sendable (V0LayerParameter) -> Bool, _ moves: [String: Move]) {
        self.name = name
        self.isSet = isSet
        self.moves = moves
    }
}

extension Upgrade {
    /// What a layer of the first format became, and the fields that its type had no use for.
    struct V1Layer {
        var layer: V1LayerParameter
        var leftOut: [String] = []
    }

    /// Whether a layer is of the first format (2013): `layers { layer { name type … } bottom top }`.
    static func isV0(_ layer: V1LayerParameter) -> Bool { layer.hasLayer }

    /// A layer of the first format in the form of 2014; one of that form as it is.
    ///
    /// Source: BVLC caffe, src/caffe/util/upgrade_proto.cpp, UpgradeV0LayerParameter.
    ///
    /// - Throws: `DefinitionError` for a type that Caffe did not have.
    static func v1Layer(_ old: V1LayerParameter, index: Int?) throws(DefinitionError) -> V1Layer {
        guard isV0(old) else { return V1Layer(layer: old) }
        let inner = old.layer
        var new = V1Layer(layer: old)
        new.layer.clearLayer()
        if inner.hasName { new.layer.name = inner.name }
        if inner.hasType { new.layer.type = try v1Type(inner, index: index) }
        new.layer.blobs += inner.blobs
        new.layer.blobsLr += inner.blobsLr
        new.layer.weightDecay += inner.weightDecay
        for field in transformFields + shapeFields + otherFields where field.isSet(inner) {
            if let move = field.moves[inner.type] ?? field.moves[""] {
                move(inner, &new.layer)
            } else {
                new.leftOut.append(field.name)
            }
        }
        return new
    }

    private static func v1Type(
        _ layer: V0LayerParameter, index: Int?
    ) throws(DefinitionError) -> V1LayerParameter.LayerType {
        // Padding is folded away in a net; one that is read alone, from a caffemodel, has no weights and no effect.
        if layer.type == "padding" { return .none }
        if let type = LayerTypes.v0[layer.type] { return type }
        let known = LayerTypes.v0.keys.sorted()
        throw DefinitionError(
            layer: index, subject: "layer \"\(layer.name)\"", problem: "unknown type of Caffe's first format",
            expected: "one of \(known.joined(separator: ", "))",
            found: "\"\(layer.type)\"\(didYouMean(layer.type, in: known))")
    }

    private static let transformFields = [
        V0Field("scale", { $0.hasScale }, ["": { $1.transformParam.scale = $0.scale }]),
        V0Field("meanfile", { $0.hasMeanfile }, ["": { $1.transformParam.meanFile = $0.meanfile }]),
        V0Field("cropsize", { $0.hasCropsize }, ["": { $1.transformParam.cropSize = $0.cropsize }]),
        V0Field("mirror", { $0.hasMirror }, ["": { $1.transformParam.mirror = $0.mirror }]),
    ]

    private static let shapeFields = [
        V0Field(
            "num_output", { $0.hasNumOutput },
            [
                "conv": { $1.convolutionParam.numOutput = $0.numOutput },
                "innerproduct": { $1.innerProductParam.numOutput = $0.numOutput },
            ]),
        V0Field(
            "biasterm", { $0.hasBiasterm },
            [
                "conv": { $1.convolutionParam.biasTerm = $0.biasterm },
                "innerproduct": { $1.innerProductParam.biasTerm = $0.biasterm },
            ]),
        V0Field(
            "weight_filler", { $0.hasWeightFiller },
            [
                "conv": { $1.convolutionParam.weightFiller = $0.weightFiller },
                "innerproduct": { $1.innerProductParam.weightFiller = $0.weightFiller },
            ]),
        V0Field(
            "bias_filler", { $0.hasBiasFiller },
            [
                "conv": { $1.convolutionParam.biasFiller = $0.biasFiller },
                "innerproduct": { $1.innerProductParam.biasFiller = $0.biasFiller },
            ]),
        V0Field(
            "pad", { $0.hasPad },
            ["conv": { $1.convolutionParam.pad = [$0.pad] }, "pool": { $1.poolingParam.pad = $0.pad }]),
        V0Field(
            "kernelsize", { $0.hasKernelsize },
            [
                "conv": { $1.convolutionParam.kernelSize = [$0.kernelsize] },
                "pool": { $1.poolingParam.kernelSize = $0.kernelsize },
            ]),
        V0Field(
            "stride", { $0.hasStride },
            ["conv": { $1.convolutionParam.stride = [$0.stride] }, "pool": { $1.poolingParam.stride = $0.stride }]),
        V0Field("group", { $0.hasGroup }, ["conv": { $1.convolutionParam.group = $0.group }]),
        V0Field("pool", { $0.hasPool }, ["pool": { $1.poolingParam.pool = poolMethod($0.pool) }]),
        V0Field("concat_dim", { $0.hasConcatDim }, ["concat": { $1.concatParam.concatDim = $0.concatDim }]),
    ]

    private static let otherFields = [
        V0Field(
            "dropout_ratio", { $0.hasDropoutRatio }, ["dropout": { $1.dropoutParam.dropoutRatio = $0.dropoutRatio }]),
        V0Field("local_size", { $0.hasLocalSize }, ["lrn": { $1.lrnParam.localSize = $0.localSize }]),
        V0Field("alpha", { $0.hasAlpha }, ["lrn": { $1.lrnParam.alpha = $0.alpha }]),
        V0Field("beta", { $0.hasBeta }, ["lrn": { $1.lrnParam.beta = $0.beta }]),
        V0Field("k", { $0.hasK }, ["lrn": { $1.lrnParam.k = $0.k }]),
        V0Field(
            "source", { $0.hasSource },
            [
                "data": { $1.dataParam.source = $0.source }, "hdf5_data": { $1.hdf5DataParam.source = $0.source },
                "images": { $1.imageDataParam.source = $0.source },
                "window_data": { $1.windowDataParam.source = $0.source },
                "infogain_loss": { $1.infogainLossParam.source = $0.source },
            ]),
        V0Field(
            "batchsize", { $0.hasBatchsize },
            [
                "data": { $1.dataParam.batchSize = $0.batchsize },
                "hdf5_data": { $1.hdf5DataParam.batchSize = $0.batchsize },
                "images": { $1.imageDataParam.batchSize = $0.batchsize },
                "window_data": { $1.windowDataParam.batchSize = $0.batchsize },
            ]),
        V0Field(
            "rand_skip", { $0.hasRandSkip },
            [
                "data": { $1.dataParam.randSkip = $0.randSkip },
                "images": { $1.imageDataParam.randSkip = $0.randSkip },
            ]),
        V0Field(
            "shuffle_images", { $0.hasShuffleImages }, ["images": { $1.imageDataParam.shuffle = $0.shuffleImages }]),
        V0Field("new_height", { $0.hasNewHeight }, ["images": { $1.imageDataParam.newHeight = size($0.newHeight) }]),
        V0Field("new_width", { $0.hasNewWidth }, ["images": { $1.imageDataParam.newWidth = size($0.newWidth) }]),
        V0Field("new_num", { $0.hasNewNum }, [:]),
        V0Field("new_channels", { $0.hasNewChannels }, [:]),
        V0Field(
            "det_fg_threshold", { $0.hasDetFgThreshold },
            ["window_data": { $1.windowDataParam.fgThreshold = $0.detFgThreshold }]),
        V0Field(
            "det_bg_threshold", { $0.hasDetBgThreshold },
            ["window_data": { $1.windowDataParam.bgThreshold = $0.detBgThreshold }]),
        V0Field(
            "det_fg_fraction", { $0.hasDetFgFraction },
            ["window_data": { $1.windowDataParam.fgFraction = $0.detFgFraction }]),
        V0Field(
            "det_context_pad", { $0.hasDetContextPad },
            ["window_data": { $1.windowDataParam.contextPad = $0.detContextPad }]),
        V0Field(
            "det_crop_mode", { $0.hasDetCropMode },
            ["window_data": { $1.windowDataParam.cropMode = $0.detCropMode }]),
        V0Field(
            "hdf5_output_param", { $0.hasHdf5OutputParam },
            ["hdf5_output": { $1.hdf5OutputParam = $0.hdf5OutputParam }]),
    ]

    private static func poolMethod(_ old: V0LayerParameter.PoolMethod) -> PoolingParameter.PoolMethod {
        switch old {
        case .max: .max
        case .ave: .ave
        case .stochastic: .stochastic
        }
    }

    /// A size that was signed and is not any more; 0, "as the image is", for what is no size.
    private static func size(_ old: Int32) -> UInt32 { UInt32(clamping: old) }
}
