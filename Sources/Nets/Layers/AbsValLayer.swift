import CaffeProto
package import Tensors

/// Absolute value: y = |x|.
///
/// Bottom and top have any one shape, and may be one blob. Backward: dx = dy · sign(x), 0 at 0.
/// Source: Caffe, src/caffe/layers/absval_layer.cpp (which does not work in place).
package final class AbsValLayer: ElementwiseLayer {
    override var keepsZero: Bool { true }

    package override func forward(bottom: [Blob], top: [Blob]) {
        apply(Magnitude(), bottom, to: top)
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        differentiate(Magnitude(), top, propagateDown, to: bottom)
    }
}

private struct Magnitude: ElementwiseFunction {
    func value(_ x: Float) -> Float { abs(x) }
    func gradient(_ dy: Float, _ x: Float) -> Float { x > 0 ? dy : x < 0 ? -dy : 0 }
}
