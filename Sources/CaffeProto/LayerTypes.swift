/// The types of older layers and what they are called in `layer { }`.
package enum LayerTypes {
    /// Source: BVLC caffe, src/caffe/util/upgrade_proto.cpp.
    private static let modern: [(V1LayerParameter.LayerType, v1: String, modern: String)] = [
        (.none, "NONE", ""), (.absval, "ABSVAL", "AbsVal"), (.accuracy, "ACCURACY", "Accuracy"),
        (.argmax, "ARGMAX", "ArgMax"), (.bnll, "BNLL", "BNLL"), (.concat, "CONCAT", "Concat"),
        (.contrastiveLoss, "CONTRASTIVE_LOSS", "ContrastiveLoss"), (.convolution, "CONVOLUTION", "Convolution"),
        (.data, "DATA", "Data"), (.deconvolution, "DECONVOLUTION", "Deconvolution"),
        (.dropout, "DROPOUT", "Dropout"), (.dummyData, "DUMMY_DATA", "DummyData"),
        (.euclideanLoss, "EUCLIDEAN_LOSS", "EuclideanLoss"), (.eltwise, "ELTWISE", "Eltwise"), (.exp, "EXP", "Exp"),
        (.flatten, "FLATTEN", "Flatten"), (.hdf5Data, "HDF5_DATA", "HDF5Data"),
        (.hdf5Output, "HDF5_OUTPUT", "HDF5Output"), (.hingeLoss, "HINGE_LOSS", "HingeLoss"),
        (.im2Col, "IM2COL", "Im2col"), (.imageData, "IMAGE_DATA", "ImageData"),
        (.infogainLoss, "INFOGAIN_LOSS", "InfogainLoss"), (.innerProduct, "INNER_PRODUCT", "InnerProduct"),
        (.lrn, "LRN", "LRN"), (.memoryData, "MEMORY_DATA", "MemoryData"),
        (.multinomialLogisticLoss, "MULTINOMIAL_LOGISTIC_LOSS", "MultinomialLogisticLoss"), (.mvn, "MVN", "MVN"),
        (.pooling, "POOLING", "Pooling"), (.power, "POWER", "Power"), (.relu, "RELU", "ReLU"),
        (.sigmoid, "SIGMOID", "Sigmoid"),
        (.sigmoidCrossEntropyLoss, "SIGMOID_CROSS_ENTROPY_LOSS", "SigmoidCrossEntropyLoss"),
        (.silence, "SILENCE", "Silence"), (.softmax, "SOFTMAX", "Softmax"),
        (.softmaxLoss, "SOFTMAX_LOSS", "SoftmaxWithLoss"), (.split, "SPLIT", "Split"), (.slice, "SLICE", "Slice"),
        (.tanh, "TANH", "TanH"), (.windowData, "WINDOW_DATA", "WindowData"), (.threshold, "THRESHOLD", "Threshold"),
    ]

    /// "Convolution" for `CONVOLUTION`; "" for `NONE`.
    package static func modernName(of type: V1LayerParameter.LayerType) -> String {
        guard let row = modern.first(where: { $0.0 == type }) else { preconditionFailure("no name for \(type)") }
        return row.modern
    }

    /// "Convolution" for "CONVOLUTION", nil for what is no old type.
    package static func modernName(ofV1 name: String) -> String? { modern.first { $0.v1 == name }?.modern }

    /// "CONVOLUTION" for "Convolution", nil for what has no old type.
    package static func v1Name(of modernName: String) -> String? { modern.first { $0.modern == modernName }?.v1 }

    /// The types of `layers { layer { } }`, but for "padding", which became a field.
    static let v0: [String: V1LayerParameter.LayerType] = [
        "accuracy": .accuracy, "bnll": .bnll, "concat": .concat, "conv": .convolution, "data": .data,
        "dropout": .dropout, "euclidean_loss": .euclideanLoss, "flatten": .flatten, "hdf5_data": .hdf5Data,
        "hdf5_output": .hdf5Output, "im2col": .im2Col, "images": .imageData, "infogain_loss": .infogainLoss,
        "innerproduct": .innerProduct, "lrn": .lrn, "multinomial_logistic_loss": .multinomialLogisticLoss,
        "pool": .pooling, "relu": .relu, "sigmoid": .sigmoid, "softmax": .softmax, "softmax_loss": .softmaxLoss,
        "split": .split, "tanh": .tanh, "window_data": .windowData,
    ]
}
