package import CaffeProto
import Foundation
package import Tensors

/// Exponential linear unit: y = x for x > 0, else α · (eˣ − 1), with α `elu_param { alpha }` (1 unless given).
///
/// Bottom and top have any one shape, and may be one blob. Backward: dx = dy for x > 0, else dy · (y + α).
/// Source: Clevert, Unterthiner, Hochreiter, ICLR 2016; Caffe, src/caffe/layers/elu_layer.cpp.
package final class ELULayer: ElementwiseLayer {
    private let function: ExponentialUnit

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let alpha = definition.eluParam.alpha
        // Below 0 the sign of y would not tell that of x.
        guard alpha >= 0 else {
            throw definition.fault("has alpha \(alpha); elu_param { alpha } must not be negative")
        }
        function = ExponentialUnit(alpha: alpha)
        try super.init(definition, context: context)
    }

    override var differentiatesByInput: Bool { false }
    override var keepsZero: Bool { true }

    package override func forward(bottom: [Blob], top: [Blob]) {
        apply(function, bottom, to: top)
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        differentiate(function, top, propagateDown, to: bottom)
    }
}

private struct ExponentialUnit: ElementwiseFunction {
    let alpha: Float
    func value(_ x: Float) -> Float { x > 0 ? x : alpha * expm1(x) }
    func gradient(_ dy: Float, _ y: Float) -> Float { y > 0 ? dy : dy * (y + alpha) }
}
