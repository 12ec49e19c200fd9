import CaffeProto
import Foundation
package import Tensors

/// Swish: y = x · σ(βx), σ the logistic sigmoid and β `swish_param { beta }` (1 unless given).
///
/// Bottom and top have any one shape, and may be one blob. Backward: dx = dy · σ(βx) · (1 + βx · (1 − σ(βx))).
/// Source: Ramachandran, Zoph, Le, 2017; Caffe, src/caffe/layers/swish_layer.cpp.
package final class SwishLayer: ElementwiseLayer {
    override var keepsZero: Bool { true }

    package override func forward(bottom: [Blob], top: [Blob]) {
        apply(SelfGate(beta: definition.swishParam.beta), bottom, to: top)
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        differentiate(SelfGate(beta: definition.swishParam.beta), top, propagateDown, to: bottom)
    }
}

private struct SelfGate: ElementwiseFunction {
    let beta: Float

    private func gate(_ x: Float) -> Float { 0.5 * tanh(0.5 * beta * x) + 0.5 }

    func value(_ x: Float) -> Float { x * gate(x) }

    func gradient(_ dy: Float, _ x: Float) -> Float {
        let gate = gate(x)
        return dy * gate * (1 + beta * x * (1 - gate))
    }
}
