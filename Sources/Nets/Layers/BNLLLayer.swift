import CaffeProto
import Foundation
package import Tensors

/// Binomial normal log likelihood, or softplus: y = log(1 + eˣ), computed as max(x, 0) + log(1 + e^−|x|).
///
/// Bottom and top have any one shape, and may be one blob. Backward: dx = dy · eˣ / (1 + eˣ).
/// Source: Caffe, src/caffe/layers/bnll_layer.cpp.
package final class BNLLLayer: ElementwiseLayer {
    package override func forward(bottom: [Blob], top: [Blob]) {
        apply(SoftPlus(), bottom, to: top)
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        differentiate(SoftPlus(), top, propagateDown, to: bottom)
    }
}

private struct SoftPlus: ElementwiseFunction {
    func value(_ x: Float) -> Float { max(x, 0) + log1p(exp(-abs(x))) }
    func gradient(_ dy: Float, _ x: Float) -> Float { dy * (0.5 * tanh(0.5 * x) + 0.5) }
}
