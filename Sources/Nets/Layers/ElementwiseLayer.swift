import CaffeProto
package import Tensors

/// A layer that applies one function to each number: bottom and top have any one shape, and may be one blob.
///
/// A subclass overrides `forward` and `backward`, and calls `apply` and `differentiate` there with its function. Where
/// the derivative is one of x, and y takes its place, x is kept for backward.
package class ElementwiseLayer: Layer {
    /// x of the last forward, where the top has overwritten it.
    private var keptInput: Blob?

    /// Whether the derivative is seen from x, and not from y.
    var differentiatesByInput: Bool { true }

    /// Whether the function of 0 is 0, so that the padding of a blocked layout stays zero.
    var keepsZero: Bool { false }

    package override var worksInPlace: Bool { true }

    package override func bottomLayouts(_ bottom: [Blob]) -> [Layout] {
        bottom.map { keepsZero ? $0.layout : .plain }
    }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        if top[0] !== bottom[0] {
            try top[0].reshape(bottom[0].shape, layout: bottom[0].layout)
        } else if differentiatesByInput, propagateDown[0] {
            keptInput = Blob(name: "\(name) input", bottom[0].shape, layout: bottom[0].layout)
        }
    }

    /// y = function of x.
    final func apply(_ function: some ElementwiseFunction, _ bottom: [Blob], to top: [Blob]) {
        if let keptInput { Elementwise.copyData(bottom[0], to: keptInput) }
        Elementwise.forward(bottom[0], to: top[0], function)
    }

    /// dx by the function's gradient, if the bottom wants one.
    final func differentiate(
        _ function: some ElementwiseFunction, _ top: [Blob], _ propagateDown: [Bool], to bottom: [Blob]
    ) {
        guard propagateDown[0] else { return }
        let seen = differentiatesByInput ? keptInput ?? bottom[0] : top[0]
        Elementwise.backward(top[0], seen: seen, to: bottom[0], function)
    }
}
