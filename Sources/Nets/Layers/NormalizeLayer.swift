package import CaffeProto
package import Tensors

/// Scales vectors to length 1, then by a learned factor: y = s · x / √(Σ x² + eps).
///
/// Bottom and top: N × C × …. The sum goes over all of a sample, or with `across_spatial: false` over the channels of each
/// place; for N × C, an embedding, both are the same. The parameter s is a scalar, or with `channel_shared: false` one
/// number a channel; `scale_filler` starts it (1 unless given; `param { lr_mult: 0 }` keeps it there). `eps` is 10⁻¹⁰.
/// Backward, with n the root and g = s · dy: dx = g/n − x · Σ g·x / n³, ds = Σ dy · x / n.
/// Source: Liu, Rabinovich, Berg, ICLR 2016; SSD's Caffe, src/caffe/layers/normalize_layer.cpp.
package final class NormalizeLayer: Layer {
    private let epsilon: Double
    private var vectors = UnitVectors([1, 1], isWhole: true, epsilon: 0, name: "")
    /// How s lies along x.
    private var channels = Broadcast([], along: 0, of: [])

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        epsilon = Double(definition.normParam.eps)
        guard epsilon >= 0 else { throw definition.fault("has eps \(epsilon), which must not be negative") }
        try super.init(definition, context: context)
    }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let (parameter, shape) = (definition.normParam, bottom[0].shape)
        guard shape.axes >= 2 else {
            throw fault("needs a bottom of N × C × …, but \"\(bottom[0].name)\" is \(shape)")
        }
        vectors = UnitVectors(shape, isWhole: parameter.acrossSpatial, epsilon: epsilon, name: name)
        channels =
            parameter.channelShared ? Broadcast([], along: 0, of: shape) : Broadcast([shape[1]], along: 1, of: shape)
        try addParameter(
            parameter.channelShared ? [] : [shape[1]],
            filler: parameter.hasScaleFiller ? try filler(parameter.scaleFiller, "scale_filler") : .constant(1))
        try top[0].reshape(shape)
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        vectors.take(bottom[0])
        Elementwise.copyData(vectors.units, to: top[0])
        channels.multiplyData(of: top[0], by: parameters[0].blob)
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        if parameters[0].learns {
            let beta = parameters[0].gradientBeta()
            channels.sumDiff(of: top[0], times: vectors.units, beta: beta, to: parameters[0].blob)
        }
        guard propagateDown[0] else { return }
        Elementwise.copyDiff(top[0], to: bottom[0])
        channels.multiplyDiff(of: bottom[0], by: parameters[0].blob)
        vectors.turnDiff(of: bottom[0])
    }
}
