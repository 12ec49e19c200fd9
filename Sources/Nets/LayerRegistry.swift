import CaffeProto

/// The layer types by Caffe's names, and some of our own.
package enum LayerRegistry {
    /// A type that runs the same with both engines.
    private static let types: [String: Layer.Type] = [
        "AbsVal": AbsValLayer.self,
        "Accuracy": AccuracyLayer.self,
        "ArgMax": ArgMaxLayer.self,
        "BNLL": BNLLLayer.self,
        "BatchNorm": BatchNormLayer.self,
        "Bias": BiasLayer.self,
        "Clip": ClipLayer.self,
        "Concat": ConcatLayer.self,
        "ContrastiveLoss": ContrastiveLossLayer.self,
        "Crop": CropLayer.self,
        "Data": DataLayer.self,
        "Deconvolution": DeconvolutionLayer.self,
        "Dropout": DropoutLayer.self,
        "DummyData": DummyDataLayer.self,
        "ELU": ELULayer.self,
        "Eltwise": EltwiseLayer.self,
        "Embed": EmbedLayer.self,
        "EuclideanLoss": EuclideanLossLayer.self,
        "Exp": ExpLayer.self,
        "ExponentialLoss": ExponentialLossLayer.self,
        "Flatten": FlattenLayer.self,
        "HingeLoss": HingeLossLayer.self,
        "ImageData": ImageDataLayer.self,
        "InfoNCELoss": InfoNCELossLayer.self,
        "InfogainLoss": InfogainLossLayer.self,
        "InnerProduct": InnerProductLayer.self,
        "Input": InputLayer.self,
        "L2Normalize": L2NormalizeLayer.self,
        "Log": LogLayer.self,
        "MVN": MVNLayer.self,
        "MultinomialLogisticLoss": MultinomialLogisticLossLayer.self,
        "Normalize": NormalizeLayer.self,
        "PReLU": PReLULayer.self,
        "Parameter": ParameterLayer.self,
        "Partner": PartnerLayer.self,
        "Power": PowerLayer.self,
        "ReLU": ReLULayer.self,
        "Reduction": ReductionLayer.self,
        "Reorder": ReorderLayer.self,
        "Reshape": ReshapeLayer.self,
        "SPP": SPPLayer.self,
        "Scale": ScaleLayer.self,
        "Sigmoid": SigmoidLayer.self,
        "SigmoidCrossEntropyLoss": SigmoidCrossEntropyLossLayer.self,
        "Silence": SilenceLayer.self,
        "Slice": SliceLayer.self,
        "Softmax": SoftmaxLayer.self,
        "SoftmaxWithLoss": SoftmaxWithLossLayer.self,
        "Split": SplitLayer.self,
        "Swish": SwishLayer.self,
        "TanH": TanHLayer.self,
        "Threshold": ThresholdLayer.self,
        "Tile": TileLayer.self,
        "TripletLoss": TripletLossLayer.self,
    ]

    /// Types that each engine computes in its own way.
    private static let engineTypes: [String: [NetContext.Engine: Layer.Type]] = [
        "Convolution": [.caffe: ConvolutionLayer.self, .dnnl: DNNLConvolutionLayer.self],
        "LRN": [.caffe: LRNLayer.self, .dnnl: DNNLLRNLayer.self],
        "Pooling": [.caffe: PoolingLayer.self, .dnnl: DNNLPoolingLayer.self],
    ]

    /// Caffe's layer types that we do not have, so that an error can say so.
    private static let otherCaffeTypes: Set<String> = [
        "BatchReindex", "Filter", "HDF5Data", "HDF5Output", "Im2col", "LSTM", "LSTMUnit", "MemoryData",
        "Python", "RNN", "Recurrent", "WindowData",
    ]

    package static var knownTypes: [String] { (Array(types.keys) + Array(engineTypes.keys)).sorted() }

    /// Makes the layer that a definition asks for.
    static func make(_ definition: LayerParameter, context: NetContext) throws -> Layer {
        if let type = types[definition.type] { return try type.init(definition, context: context) }
        if let byEngine = engineTypes[definition.type] {
            let engine = definition.engine ?? context.defaultEngine
            guard let type = byEngine[engine] else { preconditionFailure("\(definition.type) lacks engine \(engine)") }
            return try type.init(definition, context: context)
        }
        throw unknownType(definition)
    }

    private static func unknownType(_ definition: LayerParameter) -> NetError {
        let type = definition.type
        let problem: String
        if otherCaffeTypes.contains(type) {
            problem = "type \"\(type)\" is a layer of Caffe that this program does not have"
        } else if let near = nearest(type, in: knownTypes + otherCaffeTypes.sorted()) {
            problem = "unknown layer type \"\(type)\"; did you mean \"\(near)\"?"
        } else {
            problem = "unknown layer type \"\(type)\""
        }
        return NetError(
            layer: "\"\(definition.name)\"", "\(problem) (known types: \(knownTypes.joined(separator: ", ")))")
    }
}

extension LayerParameter {
    /// The engine that the definition itself asks for; nil for DEFAULT, and for CUDNN, which no machine of ours has.
    var engine: NetContext.Engine? {
        let named: Int
        switch type {
        case "Convolution": named = convolutionParam.engine.rawValue
        case "LRN": named = lrnParam.engine.rawValue
        case "Pooling": named = poolingParam.engine.rawValue
        default: return nil
        }
        return switch named {
        case 1: .caffe
        case 4: .dnnl
        default: nil
        }
    }
}
