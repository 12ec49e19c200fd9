package import CaffeProto
package import Tensors

/// Clips: y = min(max(x, min), max), with `clip_param { min: … max: … }`.
///
/// Bottom and top have any one shape, and may be one blob. Backward: dx = dy where min ≤ x ≤ max, else 0.
/// Source: Caffe, src/caffe/layers/clip_layer.cpp.
package final class ClipLayer: ElementwiseLayer {
    private let function: Clipper

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let parameter = definition.clipParam
        guard parameter.hasMin, parameter.hasMax, parameter.min <= parameter.max else {
            throw definition.fault(
                "needs clip_param { min: … max: … } with min not above max, found min \(parameter.min) and max "
                    + "\(parameter.max)")
        }
        function = Clipper(least: parameter.min, most: parameter.max)
        try super.init(definition, context: context)
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        apply(function, bottom, to: top)
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        differentiate(function, top, propagateDown, to: bottom)
    }
}

private struct Clipper: ElementwiseFunction {
    let least: Float
    let most: Float
    func value(_ x: Float) -> Float { min(max(x, least), most) }
    func gradient(_ dy: Float, _ x: Float) -> Float { x >= least && x <= most ? dy : 0 }
}
