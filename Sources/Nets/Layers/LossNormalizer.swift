import CaffeProto

/// What a loss divides by, as `loss_param` says, always of the global batch.
///
/// VALID counts the labels that count, FULL all of them, BATCH_SIZE the samples, NONE is 1; at least 1. The older
/// `normalize` chooses VALID (true) or BATCH_SIZE (false). Source: Caffe, GetNormalizer of the loss layers.
struct LossNormalizer {
    private let mode: LossParameter.NormalizationMode
    private let ignoresLabels: Bool
    /// Room for what is summed over ranks.
    private var summed = [0.0]

    /// - Parameter usual: the mode of a layer that says nothing.
    init(_ loss: LossParameter, usual: LossParameter.NormalizationMode = .valid) {
        ignoresLabels = loss.hasIgnoreLabel
        if loss.hasNormalization {
            mode = loss.normalization
        } else if loss.hasNormalize {
            mode = loss.normalize ? .valid : .batchSize
        } else {
            mode = usual
        }
    }

    /// Whether ranks must tell each other how many labels count.
    var asksWholeBatch: Bool { mode == .valid && ignoresLabels }

    /// The divisor for so many labels on this rank, `valid` of which count, in so many samples.
    ///
    /// Collective where labels are ignored.
    mutating func divisor(labels: Int, valid: Int, samples: Int, in context: NetContext) throws -> Double {
        switch mode {
        case .full: return Double(context.globalCount(labels))
        case .batchSize: return Double(context.globalCount(samples))
        case .none: return 1
        case .valid:
            guard ignoresLabels else { return Double(context.globalCount(labels)) }
            summed[0] = Double(valid)
            try context.reducer.sum(&summed)
            return max(1, summed[0])
        }
    }
}
