import CaffeProto
import Foundation
package import Tensors

/// Hyperbolic tangent: y = tanh x.
///
/// Bottom and top have any one shape and layout (tanh 0 = 0 keeps a blocked layout's padding) and may be one blob.
/// Backward: dx = dy · (1 − y²). Source: Caffe, src/caffe/layers/tanh_layer.cpp.
package final class TanHLayer: Layer {
    package override var worksInPlace: Bool { true }

    package override func bottomLayouts(_ bottom: [Blob]) -> [Layout] { bottom.map(\.layout) }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        if top[0] !== bottom[0] { try top[0].reshape(bottom[0].shape, layout: bottom[0].layout) }
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        Elementwise.forward(bottom[0], to: top[0], HyperbolicTangent())
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        Elementwise.backward(top[0], seen: top[0], to: bottom[0], HyperbolicTangent())
    }
}

private struct HyperbolicTangent: ElementwiseFunction {
    func value(_ x: Float) -> Float { tanh(x) }
    func gradient(_ dy: Float, _ y: Float) -> Float { dy * (1 - y * y) }
}
