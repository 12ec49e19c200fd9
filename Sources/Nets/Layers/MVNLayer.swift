import CaffeProto
package import Tensors

/// Mean-variance normalisation of each channel of each sample: y = (x − mean) / (σ + eps), over the places.
///
/// `mvn_param`: with `across_channels: true` over all of a sample; with `normalize_variance: false` only the mean is taken
/// off; `eps` is 10⁻⁹ unless given. Bottom and top have one shape, N × C × …, and may be one blob.
/// Backward: dx = (dy − mean(dy) − y · mean(dy · y)) / (σ + eps); dy − mean(dy) without the variance.
/// That is Caffe's rule: it is the derivative where eps is small beside σ, as it is unless eps is given.
/// Source: Caffe, src/caffe/layers/mvn_layer.cpp.
package final class MVNLayer: Layer {
    /// How many numbers are normalised together.
    private var run = 1
    /// 1 / (σ + eps) of each run.
    private var factors = Blob()
    /// y of the last forward, since a layer after it may work in place.
    private var normalized: Blob?

    package override var worksInPlace: Bool { true }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let shape = bottom[0].shape
        guard shape.axes >= 2 else {
            throw fault("needs a bottom of N × C × …, but \"\(bottom[0].name)\" is \(shape)")
        }
        run = shape.count(from: definition.mvnParam.acrossChannels ? 1 : 2)
        try factors.reshape([shape.count / max(1, run)])
        if top[0] !== bottom[0] { try top[0].reshape(shape) }
        if propagateDown[0], definition.mvnParam.normalizeVariance {
            normalized = Blob(name: "\(name) normalized", shape)
        }
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        Elementwise.copyData(bottom[0], to: top[0])
        let (run, parameter) = (run, definition.mvnParam)
        nonisolated(unsafe) let (target, factors) = (top[0], factors)
        eachRun { runs in
            unsafe target.withMutableData { y in
                unsafe factors.withMutableData { factors in
                    for r in runs {
                        var y = y._mutatingExtracting(r * run..<(r + 1) * run)
                        let mean = Self.mean(y.span)
                        for i in y.indices { y[i] -= mean }
                        guard parameter.normalizeVariance else { continue }
                        let deviation = Float(Self.meanProduct(y.span, y.span).squareRoot())
                        factors[r] = 1 / (deviation + parameter.eps)
                        for i in y.indices { y[i] *= factors[r] }
                    }
                }
            }
        }
        if let normalized { Elementwise.copyData(top[0], to: normalized) }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        Elementwise.copyDiff(top[0], to: bottom[0])
        let run = run
        nonisolated(unsafe) let (target, factors, normalized) = (bottom[0], factors, normalized)
        eachRun { runs in
            unsafe target.withMutableDiff { dx in
                for r in runs {
                    let range = r * run..<(r + 1) * run
                    var dx = dx._mutatingExtracting(range)
                    let mean = Self.mean(dx.span)
                    if let normalized = unsafe normalized {
                        let factor = unsafe factors.withData { $0[r] }
                        normalized.withData { y in
                            let y = y.extracting(range)
                            let slope = Float(Self.meanProduct(dx.span, y))
                            for i in dx.indices { dx[i] = factor * (dx[i] - mean - y[i] * slope) }
                        }
                    } else {
                        for i in dx.indices { dx[i] -= mean }
                    }
                }
            }
        }
    }

    private func eachRun(_ body: @Sendable (_ runs: Range<Int>) -> Void) {
        Threads.parallel(factors.count, grain: max(1, (1 << 15) / max(1, run)), body)
    }

    private static func mean(_ x: Span<Float>) -> Float {
        var sum = 0.0
        for i in x.indices { sum += Double(x[i]) }
        return Float(sum / Double(x.count))
    }

    private static func meanProduct(_ a: Span<Float>, _ b: Span<Float>) -> Double {
        var sum = 0.0
        for i in a.indices { sum += Double(a[i]) * Double(b[i]) }
        return sum / Double(a.count)
    }
}
