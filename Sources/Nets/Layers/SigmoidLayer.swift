import CaffeProto
import Foundation
package import Tensors

/// Logistic sigmoid: y = 1 / (1 + e⁻ˣ), computed as ½ tanh(x/2) + ½, which can't overflow.
///
/// Bottom and top have any one shape and may be one blob. Backward: dx = dy · y · (1 − y).
/// Source: Caffe, src/caffe/layers/sigmoid_layer.cpp.
package final class SigmoidLayer: Layer {
    package override var worksInPlace: Bool { true }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        if top[0] !== bottom[0] { try top[0].reshape(bottom[0].shape) }
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        Elementwise.forward(bottom[0], to: top[0], Logistic())
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        Elementwise.backward(top[0], seen: top[0], to: bottom[0], Logistic())
    }
}

private struct Logistic: ElementwiseFunction {
    func value(_ x: Float) -> Float { 0.5 * tanh(0.5 * x) + 0.5 }
    func gradient(_ dy: Float, _ y: Float) -> Float { dy * y * (1 - y) }
}
