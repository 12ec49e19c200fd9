import Nets
import Tensors

/// Finds out where an infinite or undefined number comes from, once there is one: computes the iteration again, and looks at
/// what each layer makes.
///
/// The weights are still those of the iteration, and what is random belongs to the samples, so everything is the same again.
/// Blobs share memory, so each is looked at right after its layer has run.
struct NonFiniteSearch {
    /// The first place at which a number of this rank is not finite.
    struct Finding {
        /// When in the iteration, in calls of layers: of several ranks' findings the first is the origin.
        let time: Int
        let sentence: String
    }

    let net: Net
    let input: PhaseInput
    private var time = 1
    private(set) var finding: Finding?
    /// How many pairs a sentence names.
    private static let pairLimit = 6
    /// Numbers from which on a training has run away: far from the largest float, 3·10³⁸, but a square of that reaches it.
    private static let runaway: Float = 1e6

    init(net: Net, input: PhaseInput) {
        self.net = net
        self.input = input
        let broken = net.parameters.broken(in: net.parameters.values)
        if !broken.isEmpty {
            finding = Finding(
                time: 0,
                sentence:
                    "the weights \(Lints.joined(broken)) are not finite any more: the update before has blown them up")
        }
    }

    /// Runs all passes of an iteration, from the pairs on.
    ///
    /// Collective: all ranks go through all layers, since some layers ask other ranks.
    ///
    /// - Parameters:
    ///   - batch: with which the iteration begins, counted from the start of training.
    ///   - begin: what comes before the forward of a pass, by its number.
    mutating func run(from batch: Int, passes: Int, begin: (_ pass: Int) throws -> Void) throws {
        input.start(at: batch)
        for pass in 0..<passes {
            try begin(pass)
            for step in net.steps { try forward(step) }
            for step in net.steps.reversed() where step.needsBackward { try backward(step) }
        }
    }

    // MARK: Layer by layer

    private mutating func forward(_ step: Net.Step) throws {
        let before = finding == nil ? step.bottom.map { $0.largest(.data) }.max() ?? 0 : 0
        try step.layer.forward(bottom: step.bottom, top: step.top)
        defer { time += 1 }
        guard finding == nil else { return }
        if let top = step.top.first(where: { !$0.largest(.data).isFinite }) {
            note(step, "its output \"\(top.name)\"", samples: samples(of: top, .data) ?? brokenDistances(step), before)
        } else if let top = zip(step.top, step.lossWeights).first(where: { !($0.largest(.data) * $1).isFinite })?.0 {
            note(step, "its output \"\(top.name)\" times its loss_weight", samples: nil, before)
        }
    }

    private mutating func backward(_ step: Net.Step) throws {
        let before = finding == nil ? step.top.map { $0.largest(.diff) }.max() ?? 0 : 0
        try step.layer.backward(top: step.top, propagateDown: step.propagateDown, bottom: step.bottom)
        defer { time += 1 }
        guard finding == nil else { return }
        let down = zip(step.bottom, step.propagateDown).filter(\.1).map(\.0)
        if let bottom = down.first(where: { !$0.largest(.diff).isFinite }) {
            note(step, "the gradient of its input \"\(bottom.name)\"", samples: samples(of: bottom, .diff), before)
        } else if let parameter = step.layer.parameters.first(where: { $0.hasBrokenGradient }) {
            note(step, "the gradient of its weights \(parameter.name)", samples: nil, before)
        }
    }

    /// The samples of this shard at which a blob is not finite; nil where it has no slice a sample.
    private func samples(of blob: Blob, _ part: Blob.Part) -> Set<Int>? {
        let count = net.context.shard.count
        guard blob.shape.axes > 0, count > 0, blob.shape[0].isMultiple(of: count) else { return nil }
        // Blobs that were joined on the first axis have their samples one behind the other.
        return Set(blob.brokenSamples(part).map { $0 % count })
    }

    /// A pair loss has summed its pairs up, but remembers their distances.
    private func brokenDistances(_ step: Net.Step) -> Set<Int>? {
        guard let loss = step.layer as? any PairLossLayer else { return nil }
        let broken = loss.distances.indices.filter { !(loss.distances[$0] * loss.distances[$0]).isFinite }
        return broken.isEmpty ? nil : Set(broken)
    }

    // MARK: In words

    private mutating func note(_ step: Net.Step, _ what: String, samples: Set<Int>?, _ before: Float) {
        let shard = net.context.shard.count
        let guilty = samples.map { $0.sorted() } ?? Array(0..<shard)
        let named = input.names(ofSamples: guilty.prefix(Self.pairLimit)).map { "\n    \($0)" }.joined()
        let more = guilty.count > Self.pairLimit ? "\n    and \(guilty.count - Self.pairLimit) more" : ""
        let pairs = samples == nil ? "for one of its \(shard) pairs" : "for \(guilty.count) of its \(shard) pairs"
        finding = Finding(
            time: time,
            sentence:
                "layer \(step.layer.name) (\(step.layer.type)): \(what) is the first that is not finite, \(pairs):"
                + "\(named)\(more)\n\(cause(step, before))")
    }

    private func cause(_ step: Net.Step, _ before: Float) -> String {
        if DataLayers.types.contains(step.layer.type) {
            return
                "The images are not at fault for that, their pixels are bytes: look at scale and mean in its transform_param."
        }
        let weights = step.layer.parameters.map { $0.blob.largest(.data) }.max() ?? 0
        let sizes =
            "What goes into it reaches \(TrainingLog.format(Double(before)))"
            + (weights > 0 ? ", its weights \(TrainingLog.format(Double(weights)))" : "")
        guard max(before, weights) > Self.runaway else {
            return
                "\(sizes): no large numbers, so look at what the layer does with them (a logarithm or a division of 0, a "
                + "root of a negative number), and at these pairs."
        }
        return "\(sizes): the training has run away."
    }
}

extension Parameter {
    /// Whether this rank's part of the gradient, where backward makes it, has a number that is not finite.
    fileprivate var hasBrokenGradient: Bool {
        guard learns, case .whole = form else { return false }
        return !blob.largest(.diff).isFinite
    }
}
