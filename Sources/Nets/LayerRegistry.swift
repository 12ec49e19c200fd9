import CaffeProto

/// The layer types by Caffe's names.
package enum LayerRegistry {
    /// A type that runs the same with both engines.
    private static let types: [String: Layer.Type] = [
        "Accuracy": AccuracyLayer.self,
        "Concat": ConcatLayer.self,
        "ContrastiveLoss": ContrastiveLossLayer.self,
        "Dropout": DropoutLayer.self,
        "EuclideanLoss": EuclideanLossLayer.self,
        "Flatten": FlattenLayer.self,
        "ImageData": ImageDataLayer.self,
        "InnerProduct": InnerProductLayer.self,
        "Input": InputLayer.self,
        "ReLU": ReLULayer.self,
        "Reorder": ReorderLayer.self,
        "Sigmoid": SigmoidLayer.self,
        "Slice": SliceLayer.self,
        "Softmax": SoftmaxLayer.self,
        "SoftmaxWithLoss": SoftmaxWithLossLayer.self,
        "Split": SplitLayer.self,
        "TanH": TanHLayer.self,
    ]

    /// Types that each engine computes in its own way.
    private static let engineTypes: [String: [NetContext.Engine: Layer.Type]] = [
        "Convolution": [.caffe: ConvolutionLayer.self, .dnnl: DNNLConvolutionLayer.self],
        "LRN": [.caffe: LRNLayer.self, .dnnl: DNNLLRNLayer.self],
        "Pooling": [.caffe: PoolingLayer.self, .dnnl: DNNLPoolingLayer.self],
    ]

    /// Caffe's layer types that we do not have, so that an error can say so.
    private static let otherCaffeTypes: Set<String> = [
        "AbsVal", "ArgMax", "BNLL", "BatchNorm", "BatchReindex", "Bias", "Clip", "Crop", "Data", "Deconvolution",
        "DummyData", "ELU", "Eltwise", "Embed", "Exp", "Filter", "HDF5Data", "HDF5Output", "HingeLoss", "Im2col",
        "InfogainLoss", "LSTM", "LSTMUnit", "Log", "MVN", "MemoryData", "MultinomialLogisticLoss", "PReLU",
        "Parameter", "Power", "Python", "RNN", "Recurrent", "Reduction", "Reshape", "SPP", "Scale",
        "SigmoidCrossEntropyLoss", "Silence", "Swish", "Threshold", "Tile", "WindowData",
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
