package import CaffeProto
package import Tensors

/// Rectified linear unit: y = max(x, 0) + slope · min(x, 0), where slope is `negative_slope` (0 unless given).
///
/// Bottom and top have any one shape and layout, and may be one blob. Backward: dx = dy where x > 0, else slope · dy.
/// Source: Caffe, src/caffe/layers/relu_layer.cpp.
package final class ReLULayer: Layer {
    private let slope: Float
    /// Whether the convolution below has rectified what comes here.
    private var isComputedBelow = false

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        slope = definition.reluParam.negativeSlope
        try super.init(definition, context: context)
    }

    package override var worksInPlace: Bool { true }

    package override var readsBFloat16: Bool { slope == 0 }

    package override func bottomLayouts(_ bottom: [Blob]) -> [Layout] { bottom.map(\.layout) }

    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        // In place only y is left, and its sign tells that of x no more.
        guard slope >= 0 || top[0] !== bottom[0] else {
            throw fault("can't work in place with negative_slope \(slope) below 0; give its top a name of its own")
        }
        if top[0] !== bottom[0] { try top[0].reshape(bottom[0].shape, layout: bottom[0].layout) }
    }

    /// Lets the convolution that makes the bottom do forward's work, if it can: that of a slope of 0.
    ///
    /// - Returns: whether it will.
    func leave(to convolution: DNNLConvolutionLayer) throws -> Bool {
        guard slope == 0 else { return false }
        try convolution.rectify()
        isComputedBelow = true
        return true
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        if isComputedBelow { return }
        if bottom[0].layout.precision == .bf16 {
            Elementwise.forward(bottom[0], to: top[0], PairRectifier())
        } else if slope == 0 {
            Elementwise.forward(bottom[0], to: top[0], Rectifier())
        } else {
            Elementwise.forward(bottom[0], to: top[0], LeakyRectifier(slope: slope))
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        if bottom[0].layout.precision == .bf16 {
            Elementwise.backward(top[0], seen: bottom[0], to: bottom[0], PairRectifier())
        } else if slope == 0 {
            Elementwise.backward(top[0], seen: bottom[0], to: bottom[0], Rectifier())
        } else {
            Elementwise.backward(top[0], seen: bottom[0], to: bottom[0], LeakyRectifier(slope: slope))
        }
    }
}

private struct Rectifier: ElementwiseFunction {
    func value(_ x: Float) -> Float { x > 0 ? x : 0 }
    func gradient(_ dy: Float, _ x: Float) -> Float { x > 0 ? dy : 0 }
}

private struct LeakyRectifier: ElementwiseFunction {
    let slope: Float
    func value(_ x: Float) -> Float { x > 0 ? x : slope * x }
    func gradient(_ dy: Float, _ x: Float) -> Float { x > 0 ? dy : slope * dy }
}

/// The same of two bfloat16 numbers in the place of a float, by their bits: a sign, and then what is 0 for zero.
private struct PairRectifier: ElementwiseFunction {
    private static let signs: UInt32 = 0x8000_8000

    func value(_ x: Float) -> Float {
        Float(bitPattern: x.bitPattern & ~Self.halves(x.bitPattern & Self.signs))
    }

    func gradient(_ dy: Float, _ x: Float) -> Float {
        // A carry into the sign's place says that a half is not zero.
        let isNotZero = (x.bitPattern & ~Self.signs) &+ ~Self.signs
        return Float(bitPattern: dy.bitPattern & Self.halves(isNotZero & ~x.bitPattern & Self.signs))
    }

    /// All bits of each half whose sign is among these.
    private static func halves(_ signs: UInt32) -> UInt32 { (signs &- signs >> 15) | signs }
}
