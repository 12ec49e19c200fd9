import CaffeProto
package import Tensors

/// Adds a bias: y = x + b, b laid along the axes of x from `axis` (1 unless given) on.
///
/// b is the second bottom, or else a parameter of the shape of `num_axes` axes of x (1 unless given, −1 all the rest),
/// started by `filler` (zeros unless given). Top and first bottom have one shape, and may be one blob.
/// Backward: dx = dy, db = Σ dy over what shares a number of b. Source: Caffe, src/caffe/layers/bias_layer.cpp.
package final class BiasLayer: Layer {
    private var broadcast = Broadcast([], along: 0, of: [])

    package override var bottomCount: ClosedRange<Int> { 1...2 }
    package override var worksInPlace: Bool { true }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let parameter = definition.biasParam
        let place = try Broadcast.place(axis: Int(parameter.axis), axes: Int(parameter.numAxes), bottom, for: self)
        broadcast = Broadcast(place.shape, along: place.axis, of: bottom[0].shape)
        if bottom.count == 1 { try addParameter(place.shape, filler: filler(parameter.filler, "filler")) }
        if top[0] !== bottom[0] { try top[0].reshape(bottom[0].shape) }
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        Elementwise.copyData(bottom[0], to: top[0])
        broadcast.addData(bottom.count == 2 ? bottom[1] : parameters[0].blob, to: top[0])
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        if bottom.count == 2 {
            if propagateDown[1] { broadcast.sumDiff(of: top[0], beta: 0, to: bottom[1]) }
        } else if parameters[0].learns {
            broadcast.sumDiff(of: top[0], beta: parameters[0].gradientBeta(), to: parameters[0].blob)
        }
        if propagateDown[0] { Elementwise.copyDiff(top[0], to: bottom[0]) }
    }
}
