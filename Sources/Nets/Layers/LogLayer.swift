package import CaffeProto
import Foundation
package import Tensors

/// Logarithm: y = log_base(scale · x + shift), with `log_param { base scale shift }` (e, 1 and 0 unless given; base −1 is e).
///
/// Bottom and top have any one shape, and may be one blob. Backward: dx = dy · scale / ((scale · x + shift) · ln base).
/// Source: Caffe, src/caffe/layers/log_layer.cpp.
package final class LogLayer: ElementwiseLayer {
    private let function: Logarithm

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let parameter = definition.logParam
        let logarithm = try definition.logarithm(ofBase: parameter.base, "log_param")
        function = Logarithm(unit: 1 / logarithm, scale: parameter.scale, shift: parameter.shift)
        try super.init(definition, context: context)
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        apply(function, bottom, to: top)
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        differentiate(function, top, propagateDown, to: bottom)
    }
}

private struct Logarithm: ElementwiseFunction {
    /// The logarithm of e to the base.
    let unit: Float
    let scale: Float
    let shift: Float
    func value(_ x: Float) -> Float { unit * log(scale * x + shift) }
    func gradient(_ dy: Float, _ x: Float) -> Float { dy * unit * scale / (scale * x + shift) }
}
