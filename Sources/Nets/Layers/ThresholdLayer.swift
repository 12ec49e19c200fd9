import CaffeProto
package import Tensors

/// Step: y = 1 for x > `threshold_param { threshold }` (0 unless given), else 0.
///
/// Bottom and top have any one shape, and may be one blob. No gradient passes.
/// Source: Caffe, src/caffe/layers/threshold_layer.cpp.
package final class ThresholdLayer: Layer {
    package override var worksInPlace: Bool { true }
    package override func passesGradient(toBottom index: Int) -> Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        if top[0] !== bottom[0] { try top[0].reshape(bottom[0].shape) }
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        Elementwise.forward(bottom[0], to: top[0], Step(threshold: definition.thresholdParam.threshold))
    }
}

private struct Step: ElementwiseFunction {
    let threshold: Float
    func value(_ x: Float) -> Float { x > threshold ? 1 : 0 }
    func gradient(_ dy: Float, _ x: Float) -> Float { 0 }
}
