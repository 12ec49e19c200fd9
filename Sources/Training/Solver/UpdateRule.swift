import Tensors

/// One solver's arithmetic: how a gradient and what is remembered of earlier ones change the weights.
protocol UpdateRule: Sendable {
    /// How many numbers it remembers of each weight: one or two.
    static var historyCount: Int { get }

    /// Refuses settings that the rule can't use.
    static func check(_ settings: SolverSettings) throws

    /// - Parameters:
    ///   - rate: the parameter's own rate at this iteration.
    ///   - decay: the parameter's own weight decay.
    init(_ settings: SolverSettings, rate: Float, decay: Float, iteration: Int)

    /// Whether weight decay is part of the gradient (Caffe's way) and not of the rule.
    var decaysGradient: Bool { get }

    /// Updates a stretch of weights `w` by their gradients `g`; `second` is empty for a rule that remembers one number.
    func apply(
        _ w: inout MutableSpan<Float>, _ g: Span<Float>, _ gradient: DecayedGradient,
        _ first: inout MutableSpan<Float>, _ second: inout MutableSpan<Float>)
}

extension UpdateRule {
    static var historyCount: Int { 1 }
    static func check(_ settings: SolverSettings) throws {}
    var decaysGradient: Bool { true }
}

/// The gradient as rules see it: scaled (clipping, the mean over sub-batches) and with weight decay.
struct DecayedGradient: Sendable {
    let scale, l2, l1: Float

    @inline(__always)
    func callAsFunction(_ g: Float, _ w: Float) -> Float {
        let sign: Float = w > 0 ? 1 : w < 0 ? -1 : 0
        return g * scale + l2 * w + l1 * sign
    }
}
