import CaffeProto
package import Tensors

/// Scales, and with `bias_term: true` adds a bias: y = x · s + b, both laid along the axes of x from `axis` (1 unless
/// given) on.
///
/// s is the second bottom, or else a parameter of the shape of `num_axes` axes of x (1 unless given, −1 all the rest),
/// started by `filler` (ones unless given); b is a parameter of the shape of s, started by `bias_filler` (zeros unless
/// given). Top and first bottom have one shape, and may be one blob.
/// Backward: dx = dy · s, ds = Σ dy · x and db = Σ dy over what shares a number of s.
/// Source: Caffe, src/caffe/layers/scale_layer.cpp.
package final class ScaleLayer: Layer {
    private var broadcast = Broadcast([], along: 0, of: [])
    /// x of the last forward, where the top has overwritten it.
    private var keptInput: Blob?
    private var bias: Parameter? { definition.scaleParam.biasTerm ? parameters.last : nil }

    package override var bottomCount: ClosedRange<Int> { 1...2 }
    package override var worksInPlace: Bool { true }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let parameter = definition.scaleParam
        let place = try Broadcast.place(axis: Int(parameter.axis), axes: Int(parameter.numAxes), bottom, for: self)
        broadcast = Broadcast(place.shape, along: place.axis, of: bottom[0].shape)
        if top[0] !== bottom[0] {
            try top[0].reshape(bottom[0].shape)
        } else if bottom.count == 2 ? propagateDown[1] : wantsGradient(ofParameter: 0) {
            keptInput = Blob(name: "\(name) input", bottom[0].shape)
        }
        if bottom.count == 1 {
            try addParameter(
                place.shape, filler: parameter.hasFiller ? try filler(parameter.filler, "filler") : .constant(1))
        }
        if parameter.biasTerm {
            try addParameter(place.shape, filler: filler(parameter.biasFiller, "bias_filler"))
        }
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        if let keptInput { Elementwise.copyData(bottom[0], to: keptInput) }
        Elementwise.copyData(bottom[0], to: top[0])
        broadcast.multiplyData(of: top[0], by: factors(bottom))
        if let bias { broadcast.addData(bias.blob, to: top[0]) }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        let x = keptInput ?? bottom[0]
        if let bias, bias.learns { broadcast.sumDiff(of: top[0], beta: bias.gradientBeta(), to: bias.blob) }
        if bottom.count == 2 {
            if propagateDown[1] { broadcast.sumDiff(of: top[0], times: x, beta: 0, to: bottom[1]) }
        } else if parameters[0].learns {
            let beta = parameters[0].gradientBeta()
            broadcast.sumDiff(of: top[0], times: x, beta: beta, to: parameters[0].blob)
        }
        if propagateDown[0] {
            Elementwise.copyDiff(top[0], to: bottom[0])
            broadcast.multiplyDiff(of: bottom[0], by: factors(bottom))
        }
    }

    private func factors(_ bottom: [Blob]) -> Blob { bottom.count == 2 ? bottom[1] : parameters[0].blob }
}
