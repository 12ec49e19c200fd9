package import CaffeProto
package import Tensors

/// Divides each sample by its Euclidean norm: y = x / √(Σ x² + eps).
///
/// Bottom and top: N × C, further axes counting as C. `eps` is 10⁻¹⁰ unless given. Backward, with n the root:
/// dx = (dy − y · Σ dy · y) / n. SSD's `Normalize` does the same and then scales by a parameter, which this layer lacks: an
/// embedding of length 1 stays so, and a caffemodel has no weights for it.
package final class L2NormalizeLayer: Layer {
    private let epsilon: Double
    private var vectors = UnitVectors([1, 1], isWhole: true, epsilon: 0, name: "")

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        epsilon = Double(definition.l2NormalizeParam.eps)
        guard epsilon >= 0 else { throw definition.fault("has eps \(epsilon), which must not be negative") }
        try super.init(definition, context: context)
    }

    package override var backwardReadsBottoms: Bool { false }
    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let shape = bottom[0].shape
        guard shape.axes >= 2 else {
            throw fault("needs a bottom of N × C, but \"\(bottom[0].name)\" is \(shape)")
        }
        vectors = UnitVectors(shape, isWhole: true, epsilon: epsilon, name: name)
        try top[0].reshape(shape)
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        vectors.take(bottom[0])
        Elementwise.copyData(vectors.units, to: top[0])
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        Elementwise.copyDiff(top[0], to: bottom[0])
        vectors.turnDiff(of: bottom[0])
    }
}
