import CaffeProto
package import Tensors

/// Rectifier with a learned slope: y = max(x, 0) + a · min(x, 0), one a for each channel (axis 1).
///
/// The parameter a has C numbers, or is a scalar with `channel_shared: true`; `filler` starts it (0.25 unless given).
/// Bottom and top have one shape, N × C × …, and may be one blob.
/// Backward: dx = dy where x > 0, else a · dy; da = Σ dy · x over x ≤ 0.
/// Source: He, Zhang, Ren, Sun, ICCV 2015; Caffe, src/caffe/layers/prelu_layer.cpp.
package final class PReLULayer: Layer {
    /// The N × C rows of numbers that share a slope.
    private var channels = Broadcast([], along: 0, of: [])
    /// x of the last forward, where the top has overwritten it.
    private var keptInput: Blob?

    package override var worksInPlace: Bool { true }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let (parameter, shape) = (definition.preluParam, bottom[0].shape)
        guard shape.axes >= 2 else {
            throw fault("needs a bottom of N × C × …, but \"\(bottom[0].name)\" is \(shape)")
        }
        channels = Broadcast([shape[1]], along: 1, of: shape)
        try addParameter(
            parameter.channelShared ? [] : [shape[1]],
            filler: parameter.hasFiller ? try filler(parameter.filler, "filler") : .constant(0.25))
        if top[0] !== bottom[0] {
            try top[0].reshape(shape)
        } else if propagateDown[0] || wantsGradient(ofParameter: 0) {
            keptInput = Blob(name: "\(name) input", shape)
        }
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        if let keptInput { Elementwise.copyData(bottom[0], to: keptInput) }
        Elementwise.copyData(bottom[0], to: top[0])
        let channels = channels
        nonisolated(unsafe) let (target, slopes) = (top[0], parameters[0].blob)
        channels.eachRow { rows in
            unsafe target.withMutableData { y in
                unsafe slopes.withData { slopes in
                    for row in rows {
                        let slope = slopes[slopes.count == 1 ? 0 : row % channels.length]
                        for i in channels.run(row) where y[i] <= 0 { y[i] *= slope }
                    }
                }
            }
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        let x = keptInput ?? bottom[0]
        if parameters[0].learns { backwardSlopes(top[0], x) }
        if propagateDown[0] { backwardData(top[0], x, to: bottom[0]) }
    }

    private func backwardSlopes(_ top: Blob, _ input: Blob) {
        let beta = parameters[0].gradientBeta()
        parameters[0].blob.withMutableDiff { gradient in
            if beta == 0 { for k in gradient.indices { gradient[k] = 0 } }
            top.withDiff { dy in
                input.withData { x in
                    for row in 0..<channels.outer * channels.length {
                        var sum: Float = 0
                        for i in channels.run(row) where x[i] <= 0 { sum += dy[i] * x[i] }
                        gradient[gradient.count == 1 ? 0 : row % channels.length] += sum
                    }
                }
            }
        }
    }

    private func backwardData(_ top: Blob, _ input: Blob, to bottom: Blob) {
        Elementwise.copyDiff(top, to: bottom)
        let channels = channels
        nonisolated(unsafe) let (target, input, slopes) = (bottom, input, parameters[0].blob)
        channels.eachRow { rows in
            unsafe target.withMutableDiff { dx in
                unsafe input.withData { x in
                    unsafe slopes.withData { slopes in
                        for row in rows {
                            let slope = slopes[slopes.count == 1 ? 0 : row % channels.length]
                            for i in channels.run(row) where x[i] <= 0 { dx[i] *= slope }
                        }
                    }
                }
            }
        }
    }
}
