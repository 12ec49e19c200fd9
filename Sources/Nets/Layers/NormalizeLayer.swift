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
    /// Where the vectors lie: each is `length` numbers, `inner` apart.
    private var vectors = Softmax(along: 0, of: [1])
    /// How s lies along x.
    private var channels = Broadcast([], along: 0, of: [])
    /// x / n of the last forward, and 1 / n of each vector.
    private var units = Blob()
    private var factors = Blob()

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
        vectors =
            parameter.acrossSpatial
            ? Softmax(along: 1, of: [shape[0], shape.count(from: 1)]) : Softmax(along: 1, of: shape)
        channels =
            parameter.channelShared ? Broadcast([], along: 0, of: shape) : Broadcast([shape[1]], along: 1, of: shape)
        try addParameter(
            parameter.channelShared ? [] : [shape[1]],
            filler: parameter.hasScaleFiller ? try filler(parameter.scaleFiller, "scale_filler") : .constant(1))
        try top[0].reshape(shape)
        units = Blob(name: "\(name) units", shape)
        factors = Blob(name: "\(name) factors", [vectors.columns])
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        let (vectors, epsilon) = (vectors, epsilon)
        nonisolated(unsafe) let (input, units, factors) = (bottom[0], self.units, factors)
        eachVector { columns in
            unsafe input.withData { x in
                unsafe units.withMutableData { unit in
                    unsafe factors.withMutableData { factors in
                        for column in columns {
                            var sum = epsilon
                            for i in vectors.positions(column) { sum += Double(x[i]) * Double(x[i]) }
                            let factor = Float(1 / sum.squareRoot())
                            factors[column] = factor
                            for i in vectors.positions(column) { unit[i] = factor * x[i] }
                        }
                    }
                }
            }
        }
        Elementwise.copyData(self.units, to: top[0])
        channels.multiplyData(of: top[0], by: parameters[0].blob)
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        if parameters[0].learns {
            let beta = parameters[0].gradientBeta()
            channels.sumDiff(of: top[0], times: units, beta: beta, to: parameters[0].blob)
        }
        guard propagateDown[0] else { return }
        Elementwise.copyDiff(top[0], to: bottom[0])
        channels.multiplyDiff(of: bottom[0], by: parameters[0].blob)
        let vectors = vectors
        nonisolated(unsafe) let (bottom, units, factors) = (bottom[0], units, factors)
        eachVector { columns in
            unsafe bottom.withMutableDiff { dx in
                unsafe units.withData { unit in
                    for column in columns {
                        var dot = 0.0
                        for i in vectors.positions(column) { dot += Double(dx[i]) * Double(unit[i]) }
                        let factor = unsafe factors.withData { $0[column] }
                        for i in vectors.positions(column) { dx[i] = factor * (dx[i] - unit[i] * Float(dot)) }
                    }
                }
            }
        }
    }

    private func eachVector(_ body: @Sendable (_ columns: Range<Int>) -> Void) {
        Threads.parallel(vectors.columns, grain: max(1, (1 << 15) / max(1, vectors.classes)), body)
    }
}
