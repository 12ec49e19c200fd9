package import CaffeProto
package import Tensors

/// Batch normalisation: y = (x − mean) / √(variance + eps) of each channel (axis 1) over the global batch and all places.
///
/// TRAIN: mean and variance are those of the whole batch on all ranks, so that any number of ranks trains the same; they
/// are added to running sums. TEST, or `use_global_stats: true`: those of the running sums.
/// Parameters, none of them learned: running mean (C), running variance (C), and what both are divided by (1). Each
/// forward of TRAIN multiplies them by `moving_average_fraction` (0.999 unless given) and adds mean, variance · n/(n − 1)
/// with n the numbers of a channel, and 1; all ranks end with the same bits.
///
/// Bottom and top have one shape, N × C × …, and may be one blob. Backward of TRAIN:
/// dx = (dy − mean(dy) − y · mean(dy · y)) / √(variance + eps), the means over the global batch; of TEST without them.
/// Source: Ioffe, Szegedy, ICML 2015; Caffe, src/caffe/layers/batch_norm_layer.cpp.
package final class BatchNormLayer: Layer {
    private let usesRunningStatistics: Bool
    private let fraction: Float
    private let epsilon: Double
    private var channels = Broadcast([], along: 0, of: [])
    /// Two sums of each channel, then how many numbers a channel has; over all ranks.
    private var sums: [Double] = []
    /// What x, or dy, is moved by and what by it is multiplied then, of each channel.
    private var means: [Float] = []
    private var factors: [Float] = []
    /// y of the last forward, since a Scale after it may work in place.
    private var normalized: Blob?

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let parameter = definition.batchNormParam
        usesRunningStatistics =
            parameter.hasUseGlobalStats ? parameter.useGlobalStats : context.phase == .test
        fraction = parameter.movingAverageFraction
        epsilon = Double(parameter.eps)
        guard epsilon >= 0, 0...1 ~= fraction else {
            throw definition.fault(
                "has eps \(parameter.eps) and moving_average_fraction \(fraction); "
                    + "the first must not be negative, the second 0 to 1")
        }
        try super.init(Self.frozen(definition), context: context)
    }

    /// The definition with multipliers that keep the solver away from the statistics, as Caffe sets them.
    private static func frozen(_ definition: LayerParameter) throws -> LayerParameter {
        guard definition.param.count <= 3, definition.param.allSatisfy({ $0.lrMult == 0 }) else {
            throw definition.fault(
                "its three parameters are statistics and no weights; leave out its `param`, or give each lr_mult: 0")
        }
        var frozen = definition
        var spec = ParamSpec()
        spec.lrMult = 0
        while frozen.param.count < 3 { frozen.param.append(spec) }
        return frozen
    }

    package override var worksInPlace: Bool { true }
    package override var asksWholeBatch: Bool { !usesRunningStatistics }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let shape = bottom[0].shape
        guard shape.axes >= 1 else { throw fault("needs a bottom of N × C × …, but \"\(bottom[0].name)\" is a scalar") }
        let count = shape.axes == 1 ? 1 : shape[1]
        channels = shape.axes == 1 ? Broadcast([], along: 0, of: shape) : Broadcast([count], along: 1, of: shape)
        for length in [count, count, 1] { try addParameter([length], filler: .constant(0)) }
        sums = Array(repeating: 0, count: 2 * count + 1)
        means = Array(repeating: 0, count: count)
        factors = Array(repeating: 0, count: count)
        if top[0] !== bottom[0] { try top[0].reshape(shape) }
        if propagateDown[0], !usesRunningStatistics { normalized = Blob(name: "\(name) normalized", shape) }
    }

    // MARK: Forward

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        if usesRunningStatistics {
            readRunningStatistics()
        } else {
            try measure(bottom[0])
        }
        Elementwise.copyData(bottom[0], to: top[0])
        nonisolated(unsafe) let target = top[0]
        let (channels, means, factors) = (channels, means, factors)
        channels.eachRow { rows in
            unsafe target.withMutableData { y in
                for row in rows {
                    let (mean, factor) = (means[row % channels.length], factors[row % channels.length])
                    for i in channels.run(row) { y[i] = (y[i] - mean) * factor }
                }
            }
        }
        if let normalized { Elementwise.copyData(top[0], to: normalized) }
    }

    private func readRunningStatistics() {
        let divisor = parameters[2].blob.withData { $0[0] }
        let scale = divisor == 0 ? 0 : 1 / divisor
        for k in means.indices {
            means[k] = scale * parameters[0].blob.withData { $0[k] }
            factors[k] = factor(Double(scale * parameters[1].blob.withData { $0[k] }))
        }
    }

    private func factor(_ variance: Double) -> Float { Float(1 / (variance + epsilon).squareRoot()) }

    /// Takes mean and variance of the global batch, and adds them to the running sums.
    private func measure(_ bottom: Blob) throws {
        bottom.withData { x in sumChannels(x, x) }
        try context.reducer.sum(&sums)
        let n = sums[2 * channels.length]
        let unbiased = n > 1 ? n / (n - 1) : 1
        for k in means.indices {
            let mean = sums[k] / n
            let variance = max(0, sums[channels.length + k] / n - mean * mean)
            means[k] = Float(mean)
            factors[k] = factor(variance)
            run(0, k, Float(mean))
            run(1, k, Float(variance * unbiased))
        }
        run(2, 0, 1)
    }

    private func run(_ parameter: Int, _ index: Int, _ value: Float) {
        parameters[parameter].blob.withMutableData { $0[index] = fraction * $0[index] + value }
    }

    /// Sets `sums` to Σ a and Σ a · b of each channel of this shard, and how many numbers each has.
    private func sumChannels(_ a: Span<Float>, _ b: Span<Float>) {
        for k in 0..<channels.length {
            var (sum, products) = (0.0, 0.0)
            for o in 0..<channels.outer {
                for i in channels.run(o * channels.length + k) {
                    let value = Double(a[i])
                    sum += value
                    products += value * Double(b[i])
                }
            }
            sums[k] = sum
            sums[channels.length + k] = products
        }
        sums[2 * channels.length] = Double(channels.outer * channels.inner)
    }

    // MARK: Backward

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) throws {
        guard propagateDown[0] else { return }
        guard let normalized else {
            Elementwise.copyDiff(top[0], to: bottom[0])
            return scaleDiff(of: bottom[0])
        }
        top[0].withDiff { dy in normalized.withData { y in sumChannels(dy, y) } }
        try context.reducer.sum(&sums)
        Elementwise.copyDiff(top[0], to: bottom[0])
        removeMeans(from: bottom[0], normalized)
    }

    private func scaleDiff(of bottom: Blob) {
        nonisolated(unsafe) let target = bottom
        let (channels, factors) = (channels, factors)
        channels.eachRow { rows in
            unsafe target.withMutableDiff { dx in
                for row in rows {
                    let factor = factors[row % channels.length]
                    for i in channels.run(row) { dx[i] *= factor }
                }
            }
        }
    }

    /// dx = (dx − mean(dx) − y · mean(dx · y)) · factor, the means from `sums`.
    private func removeMeans(from bottom: Blob, _ normalized: Blob) {
        nonisolated(unsafe) let (target, normalized) = (bottom, normalized)
        let (channels, factors, sums) = (channels, factors, sums)
        channels.eachRow { rows in
            unsafe target.withMutableDiff { dx in
                unsafe normalized.withData { y in
                    for row in rows {
                        let (k, n) = (row % channels.length, sums[2 * channels.length])
                        let (mean, slope) = (Float(sums[k] / n), Float(sums[channels.length + k] / n))
                        for i in channels.run(row) { dx[i] = factors[k] * (dx[i] - mean - y[i] * slope) }
                    }
                }
            }
        }
    }
}
