package import CaffeProto
import Foundation
package import Tensors

/// Power of a base: y = base^(scale · x + shift), with `exp_param { base scale shift }` (e, 1 and 0 unless given; base −1 is e).
///
/// Bottom and top have any one shape, and may be one blob. Backward: dx = dy · y · scale · ln base.
/// Source: Caffe, src/caffe/layers/exp_layer.cpp.
package final class ExpLayer: ElementwiseLayer {
    private let function: Exponential

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let parameter = definition.expParam
        let logarithm = try definition.logarithm(ofBase: parameter.base, "exp_param")
        function = Exponential(slope: logarithm * parameter.scale, offset: logarithm * parameter.shift)
        try super.init(definition, context: context)
    }

    override var differentiatesByInput: Bool { false }

    package override func forward(bottom: [Blob], top: [Blob]) {
        apply(function, bottom, to: top)
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        differentiate(function, top, propagateDown, to: bottom)
    }
}

/// e^(slope · x + offset).
private struct Exponential: ElementwiseFunction {
    let slope: Float
    let offset: Float
    func value(_ x: Float) -> Float { exp(slope * x + offset) }
    func gradient(_ dy: Float, _ y: Float) -> Float { dy * y * slope }
}

extension LayerParameter {
    /// The natural logarithm of the base that an Exp or Log layer gives, where −1 stands for e.
    func logarithm(ofBase base: Float, _ field: String) throws -> Float {
        if base == -1 { return 1 }
        let logarithm = base > 0 ? log(base) : 0
        guard logarithm.isFinite, logarithm != 0 else {
            throw fault("has base \(base); \(field) { base } must be positive and not 1, or -1 for e")
        }
        return logarithm
    }
}
