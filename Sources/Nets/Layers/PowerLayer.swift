package import CaffeProto
import Foundation
package import Tensors

/// Power: y = (shift + scale · x)^power, with `power_param { power scale shift }` (1, 1 and 0 unless given).
///
/// Bottom and top have any one shape, and may be one blob. Backward: dx = dy · power · scale · (shift + scale · x)^(power − 1).
/// Source: Caffe, src/caffe/layers/power_layer.cpp.
package final class PowerLayer: ElementwiseLayer {
    private let function: Power

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let parameter = definition.powerParam
        function = Power(power: parameter.power, scale: parameter.scale, shift: parameter.shift)
        try super.init(definition, context: context)
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        switch function.power {
        case 1: apply(Line(function), bottom, to: top)
        case 2: apply(Square(function), bottom, to: top)
        default: apply(function, bottom, to: top)
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        switch function.power {
        case 1: differentiate(Line(function), top, propagateDown, to: bottom)
        case 2: differentiate(Square(function), top, propagateDown, to: bottom)
        default: differentiate(function, top, propagateDown, to: bottom)
        }
    }
}

private struct Power: ElementwiseFunction {
    let power: Float
    let scale: Float
    let shift: Float

    func value(_ x: Float) -> Float { pow(shift + scale * x, power) }

    func gradient(_ dy: Float, _ x: Float) -> Float {
        // A constant has no slope, wherever it is.
        power * scale == 0 ? 0 : dy * power * scale * pow(shift + scale * x, power - 1)
    }
}

/// Power 1, which needs no `pow`.
private struct Line: ElementwiseFunction {
    let scale: Float
    let shift: Float

    init(_ power: Power) { (scale, shift) = (power.scale, power.shift) }

    func value(_ x: Float) -> Float { shift + scale * x }
    func gradient(_ dy: Float, _ x: Float) -> Float { dy * scale }
}

/// Power 2.
private struct Square: ElementwiseFunction {
    let line: Line

    init(_ power: Power) { line = Line(power) }

    func value(_ x: Float) -> Float { line.value(x) * line.value(x) }
    func gradient(_ dy: Float, _ x: Float) -> Float { dy * 2 * line.scale * line.value(x) }
}
