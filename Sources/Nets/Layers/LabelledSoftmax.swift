import CaffeProto
import Tensors

/// What the losses of a softmax share: the probabilities of a batch, its labels, and the divisor of the loss.
struct LabelledSoftmax {
    private let ignored: Int?
    private var normalizer: LossNormalizer
    private(set) var softmax = Softmax(along: 0, of: [1])
    private(set) var labels = ClassLabels(count: 0, classes: 0, ignored: nil)
    /// A second top, where there is one.
    private(set) var probabilities = Blob()
    /// Z of the last forward.
    private(set) var divisor = 1.0

    var asksWholeBatch: Bool { normalizer.asksWholeBatch }

    init(_ loss: LossParameter) {
        ignored = loss.hasIgnoreLabel ? Int(loss.ignoreLabel) : nil
        normalizer = LossNormalizer(loss)
    }

    /// Takes scores and labels from the layer's first two bottoms, and shapes its tops: loss (scalar) and probabilities.
    mutating func setUp(_ layer: Layer, along axis: Int, bottom: [Blob], top: [Blob]) throws {
        softmax = Softmax(along: try layer.axis(axis, of: bottom[0]), of: bottom[0].shape)
        guard softmax.columns == bottom[1].count else {
            throw layer.fault(
                "needs \(softmax.columns) labels for \"\(bottom[0].name)\" of shape "
                    + "\(bottom[0].shape), found \"\(bottom[1].name)\" of shape \(bottom[1].shape)")
        }
        labels = ClassLabels(count: bottom[1].count, classes: softmax.classes, ignored: ignored)
        try top[0].reshape([])
        probabilities = top.count > 1 ? top[1] : Blob(name: "\(layer.name) probabilities")
        try probabilities.reshape(bottom[0].shape)
    }

    /// Computes the probabilities, reads the labels, and finds the divisor.
    mutating func forward(_ layer: Layer, bottom: [Blob]) throws {
        Elementwise.copyData(bottom[0], to: probabilities)
        probabilities.withMutableData { softmax.apply(to: &$0) }
        try labels.read(bottom[1], for: layer)
        divisor = try normalizer.divisor(
            labels: labels.numbers.count, valid: labels.validCount, samples: softmax.outer, in: layer.context)
    }
}
