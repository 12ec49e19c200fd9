package import CaffeProto
import Foundation
package import Tensors

/// Cross-entropy with a matrix of what each answer is worth: loss = −1/Z · Σ Σ H(label, k) · log p(k).
///
/// Bottoms: x (for axis 1: N × C × …), label (class numbers 0 ..< C, one for each softmax), optionally H (C × C, rows by
/// label); without that the BlobProto file `infogain_loss_param { source }` holds H, and the unit matrix is
/// SoftmaxWithLoss. p is the softmax of x along `axis` (1 unless given). Tops: loss (scalar), optionally p.
/// Labels equal to `ignore_label` don't count; Z as `LossNormalizer` says. Probabilities below 10⁻²⁰ count as that.
/// Backward: dx(k) = (p(k) · Σ H(label, ·) − H(label, k)) · dloss / Z, 0 where ignored. Label and H get no gradient.
/// Source: Caffe, src/caffe/layers/infogain_loss_layer.cpp.
package final class InfogainLossLayer: Layer {
    private var scores: LabelledSoftmax
    private var matrix = Blob()
    private var softmax: Softmax { scores.softmax }
    private var labels: ClassLabels { scores.labels }
    private var probabilities: Blob { scores.probabilities }

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        scores = LabelledSoftmax(definition.lossParam)
        try super.init(definition, context: context)
    }

    package override var bottomCount: ClosedRange<Int> { 2...3 }
    package override var topCount: ClosedRange<Int> { 1...2 }
    package override var asksWholeBatch: Bool { scores.asksWholeBatch }
    package override func passesGradient(toBottom index: Int) -> Bool { index == 0 }
    package override func defaultLossWeight(ofTop index: Int) -> Float { index == 0 ? 1 : 0 }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        try scores.setUp(self, along: Int(definition.infogainLossParam.axis), bottom: bottom, top: top)
        matrix = bottom.count == 3 ? bottom[2] : try readMatrix()
        guard matrix.count == softmax.classes * softmax.classes else {
            throw fault("needs a matrix of \(softmax.classes)×\(softmax.classes), found \(matrix.shape)")
        }
    }

    private func readMatrix() throws -> Blob {
        let source = definition.infogainLossParam.source
        guard !source.isEmpty else {
            throw fault("needs its matrix: a third bottom, or infogain_loss_param { source: \"FILE\" }")
        }
        let file = try BlobProto.read(file: source)
        if let dims = file.impossibleDimensions {
            throw fault("\(source) has the shape \(dims): the file is damaged")
        }
        let shape = Shape(file.dimensions)
        guard file.floats.count == shape.count else {
            throw fault("\(source) holds \(file.floats.count) values for the shape \(shape): the file is damaged")
        }
        return Blob(name: source, shape, values: file.floats)
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        try scores.forward(self, bottom: bottom)
        var loss = 0.0
        probabilities.withData { p in
            matrix.withData { worth in
                for (column, number) in labels.numbers.enumerated() where number != ClassLabels.ignoredNumber {
                    for k in 0..<softmax.classes {
                        let p = max(
                            p[softmax.position(column, class: k)], MultinomialLogisticLossLayer.leastProbability)
                        loss -= Double(worth[number * softmax.classes + k] * log(p))
                    }
                }
            }
        }
        top[0].withMutableData { $0[0] = Float(loss / scores.divisor) }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        let scale = top[0].withDiff { $0[0] } / Float(scores.divisor)
        probabilities.withData { p in
            matrix.withData { worth in
                bottom[0].withMutableDiff { dx in
                    for (column, number) in labels.numbers.enumerated() {
                        if number == ClassLabels.ignoredNumber {
                            for i in softmax.positions(column) { dx[i] = 0 }
                        } else {
                            let row = worth.extracting(number * softmax.classes..<(number + 1) * softmax.classes)
                            differentiate(p, column, row, scale, to: &dx)
                        }
                    }
                }
            }
        }
    }

    private func differentiate(
        _ p: Span<Float>, _ column: Int, _ worth: Span<Float>, _ scale: Float, to dx: inout MutableSpan<Float>
    ) {
        var sum: Float = 0
        for k in worth.indices { sum += worth[k] }
        for k in worth.indices {
            let i = softmax.position(column, class: k)
            dx[i] = scale * (p[i] * sum - worth[k])
        }
    }
}
