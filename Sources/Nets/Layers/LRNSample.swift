import Foundation
import Tensors

/// The loops of `LRNLayer` over one sample, C × H × W.
struct LRNSample {
    private let rule: LRNLayer.Rule
    private let samples: Int
    private let channels: Int
    private let height: Int
    private let width: Int

    init(_ rule: LRNLayer.Rule, _ shape: Shape) {
        self.rule = rule
        (samples, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
    }

    /// Calls body with the place of each sample's values, on the rank's threads.
    func each(_ body: @Sendable (_ sample: Range<Int>) -> Void) {
        let count = channels * height * width
        Threads.parallel(samples, grain: max(1, (1 << 14) / max(1, count))) { samples in
            for sample in samples { body(sample * count..<(sample + 1) * count) }
        }
    }

    /// Writes y and s.
    func forward(_ x: Span<Float>, _ y: inout MutableSpan<Float>, scale s: inout MutableSpan<Float>) {
        precondition(x.count == y.count && x.count == s.count)
        for i in x.indices {
            y[i] = x[i] * x[i]
            s[i] = rule.k
        }
        addNeighbours(y.span, times: rule.weight, to: &s)
        for i in x.indices { y[i] = x[i] * inversePower(s[i]) }
    }

    /// Writes dy·y/s, what a value's neighbours get of its gradient.
    func share(_ dy: Span<Float>, _ y: Span<Float>, _ s: Span<Float>, _ share: inout MutableSpan<Float>) {
        precondition(dy.count == share.count && y.count == share.count && s.count == share.count)
        for i in share.indices { share[i] = dy[i] * y[i] / s[i] }
    }

    /// Writes dx.
    func backward(
        _ dy: Span<Float>, _ x: Span<Float>, _ s: Span<Float>, _ share: Span<Float>, _ dx: inout MutableSpan<Float>
    ) {
        precondition(dy.count == dx.count && x.count == dx.count && s.count == dx.count)
        for i in dx.indices { dx[i] = 0 }
        addNeighbours(share, times: 2 * rule.beta * rule.weight, to: &dx)
        for i in dx.indices { dx[i] = dy[i] * inversePower(s[i]) - x[i] * dx[i] }
    }

    /// s^−β; the usual β has a way without logarithms.
    @inline(__always)
    private func inversePower(_ s: Float) -> Float {
        if rule.beta == 0.75 { return 1 / (s.squareRoot() * s.squareRoot().squareRoot()) }
        return pow(s, -rule.beta)
    }

    /// sums[i] += weight · Σ values over the neighbours of i.
    private func addNeighbours(_ values: Span<Float>, times weight: Float, to sums: inout MutableSpan<Float>) {
        let (reach, plane) = (rule.size / 2, height * width)
        for channel in 0..<channels {
            var target = sums._mutatingExtracting(channel * plane..<(channel + 1) * plane)
            if rule.isAcrossChannels {
                for other in max(0, channel - reach)..<min(channels, channel + reach + 1) {
                    add(values.extracting(other * plane..<(other + 1) * plane), times: weight, to: &target)
                }
            } else {
                addWithinPlane(values.extracting(channel * plane..<(channel + 1) * plane), times: weight, to: &target)
            }
        }
    }

    private func add(_ values: Span<Float>, times weight: Float, to sums: inout MutableSpan<Float>) {
        precondition(values.count == sums.count)
        for i in sums.indices { sums[i] += weight * values[i] }
    }

    private func addWithinPlane(_ values: Span<Float>, times weight: Float, to sums: inout MutableSpan<Float>) {
        let reach = rule.size / 2
        for row in 0..<height {
            for other in max(0, row - reach)..<min(height, row + reach + 1) {
                for column in 0..<width {
                    for i in max(0, column - reach)..<min(width, column + reach + 1) {
                        sums[row * width + column] += weight * values[other * width + i]
                    }
                }
            }
        }
    }
}
