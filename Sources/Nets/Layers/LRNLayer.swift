package import CaffeProto
import Foundation
package import Tensors

/// Local response normalisation: y = x · s^−β with s = k + α/m · Σ x², over the m neighbours of x.
///
/// `norm_region: ACROSS_CHANNELS`: the neighbours are the `local_size` n channels around x's own (m = n);
/// `WITHIN_CHANNEL`: the n × n cells around it in its own channel (m = n²), and k is 1. What lies outside counts as 0.
/// Bottom and top are N × C × H × W. Backward: dx = dy · s^−β − 2αβ/m · x · Σ dy·y/s, over the same neighbours.
/// Source: Caffe, src/caffe/layers/lrn_layer.cpp; Krizhevsky, Sutskever, Hinton, NIPS 2012.
package class LRNLayer: Layer {
    /// The parameters, checked.
    struct Rule {
        let isAcrossChannels: Bool
        let size: Int
        let alpha: Float
        let beta: Float
        let k: Float

        init(_ definition: LayerParameter) throws {
            let parameter = definition.lrnParam
            isAcrossChannels = parameter.normRegion == .acrossChannels
            guard !parameter.localSize.isMultiple(of: 2) else {
                throw definition.fault("has local_size \(parameter.localSize), which must be odd")
            }
            size = Int(parameter.localSize)
            alpha = parameter.alpha
            beta = parameter.beta
            k = isAcrossChannels ? parameter.k : 1
        }

        /// What a neighbour's square counts: α/m.
        var weight: Float { alpha / Float(isAcrossChannels ? size : size * size) }
    }

    let rule: Rule
    /// s of each value, from forward for backward.
    private var scale = Blob()
    /// dy·y/s, for backward.
    private var shares = Blob()

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        rule = try Rule(definition)
        try super.init(definition, context: context)
    }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        try checkImages(bottom[0])
        top[0].reshape(bottom[0].shape)
        scale = Blob(name: "\(name) scale", bottom[0].shape)
        if propagateDown[0] { shares = Blob(name: "\(name) shares", bottom[0].shape) }
    }

    /// Refuses a bottom that is no batch of images.
    final func checkImages(_ bottom: Blob) throws {
        guard bottom.shape.axes == 4 else {
            throw fault("needs a bottom of N × C × H × W, but \"\(bottom.name)\" is \(bottom.shape)")
        }
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        let (rule, neighbours) = (rule, Neighbours(rule, bottom[0].shape))
        nonisolated(unsafe) let (bottom, top, scale) = (bottom[0], top[0], scale)
        neighbours.eachSample { sample in
            unsafe bottom.withData { x in
                unsafe top.withMutableData { y in
                    unsafe scale.withMutableData { s in
                        for i in sample {
                            y[i] = x[i] * x[i]
                            s[i] = rule.k
                        }
                        neighbours.add(y.span, times: rule.weight, to: &s, in: sample)
                        for i in sample { y[i] = x[i] * rule.inversePower(s[i]) }
                    }
                }
            }
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) throws {
        guard propagateDown[0] else { return }
        let (rule, neighbours) = (rule, Neighbours(rule, bottom[0].shape))
        nonisolated(unsafe) let (bottom, top, scale, shares) = (bottom[0], top[0], scale, shares)
        neighbours.eachSample { sample in
            unsafe bottom.withMutableDiff { dx in
                unsafe scale.withData { s in
                    unsafe top.withDiff { dy in
                        unsafe shares.withMutableData { share in
                            unsafe top.withData { y in
                                for i in sample {
                                    share[i] = dy[i] * y[i] / s[i]
                                    dx[i] = 0
                                }
                            }
                            neighbours.add(share.span, times: 2 * rule.beta * rule.weight, to: &dx, in: sample)
                        }
                        unsafe bottom.withData { x in
                            for i in sample { dx[i] = dy[i] * rule.inversePower(s[i]) - x[i] * dx[i] }
                        }
                    }
                }
            }
        }
    }
}

extension LRNLayer.Rule {
    /// s^−β; the usual β has a way without logarithms.
    @inline(__always)
    fileprivate func inversePower(_ s: Float) -> Float {
        if beta == 0.75 { return 1 / (s.squareRoot() * s.squareRoot().squareRoot()) }
        return pow(s, -beta)
    }
}

/// Whose values meet in a sum.
private struct Neighbours {
    private let samples: Int
    private let channels: Int
    private let height: Int
    private let width: Int
    private let reach: Int
    private let isAcrossChannels: Bool

    init(_ rule: LRNLayer.Rule, _ shape: Shape) {
        (samples, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
        reach = rule.size / 2
        isAcrossChannels = rule.isAcrossChannels
    }

    /// Calls body with the place of each sample's values, on the rank's threads.
    func eachSample(_ body: @Sendable (_ sample: Range<Int>) -> Void) {
        let count = channels * height * width
        Threads.parallel(samples, grain: max(1, (1 << 14) / max(1, count))) { samples in
            for sample in samples { body(sample * count..<(sample + 1) * count) }
        }
    }

    /// sums[i] += weight · Σ values over the neighbours of i, for all i of a sample.
    func add(_ values: Span<Float>, times weight: Float, to sums: inout MutableSpan<Float>, in sample: Range<Int>) {
        let plane = height * width
        for channel in 0..<channels {
            let target = sample.lowerBound + channel * plane
            if isAcrossChannels {
                for other in max(0, channel - reach)..<min(channels, channel + reach + 1) {
                    let source = sample.lowerBound + other * plane
                    for i in 0..<plane { sums[target + i] += weight * values[source + i] }
                }
            } else {
                addWithinPlane(values, times: weight, to: &sums, at: target)
            }
        }
    }

    private func addWithinPlane(
        _ values: Span<Float>, times weight: Float, to sums: inout MutableSpan<Float>, at plane: Int
    ) {
        for row in 0..<height {
            for other in max(0, row - reach)..<min(height, row + reach + 1) {
                for column in 0..<width {
                    for i in max(0, column - reach)..<min(width, column + reach + 1) {
                        sums[plane + row * width + column] += weight * values[plane + other * width + i]
                    }
                }
            }
        }
    }
}
