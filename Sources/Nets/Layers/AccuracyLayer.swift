package import CaffeProto
package import Tensors

/// The share of samples whose true class is among the `top_k` highest scores (a score equal to the true one's counts
/// as higher).
///
/// Bottoms: scores (for axis 1: N × C × …), label (class numbers 0 ..< C, one for each column of scores: N × …).
/// Tops: accuracy (scalar), optionally the accuracy of each class (C; 0 for a class without a sample).
/// Labels equal to `ignore_label` don't count. Each rank's tops hold its hits over the counts of the global batch,
/// so that their sum over ranks is the accuracy. No backward.
/// Source: Caffe, src/caffe/layers/accuracy_layer.cpp.
package final class AccuracyLayer: Layer {
    private let ignored: Int?
    private let rank: Int
    private var scores = Softmax(along: 0, of: [1])
    private var labels = ClassLabels(count: 0, classes: 0, ignored: nil)
    /// How many labels count in the global batch, then how many of each class.
    private var counts: [Double] = []

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let accuracy = definition.accuracyParam
        ignored = accuracy.hasIgnoreLabel ? Int(accuracy.ignoreLabel) : nil
        rank = Int(accuracy.topK)
        try super.init(definition, context: context)
    }

    package override var bottomCount: ClosedRange<Int> { 2...2 }
    package override var topCount: ClosedRange<Int> { 1...2 }
    package override func passesGradient(toBottom index: Int) -> Bool { false }
    package override func topIsOverBatch(_ index: Int) -> Bool { true }
    package override var asksWholeBatch: Bool { ignored != nil || counts.count > 1 }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        scores = Softmax(along: try axis(Int(definition.accuracyParam.axis), of: bottom[0]), of: bottom[0].shape)
        guard scores.columns == bottom[1].count else {
            throw fault(
                "needs \(scores.columns) labels for \"\(bottom[0].name)\" of shape \(bottom[0].shape), found "
                    + "\"\(bottom[1].name)\" of shape \(bottom[1].shape)")
        }
        guard 1...scores.classes ~= rank else {
            throw fault("top_k must be 1 to \(scores.classes), the number of classes, found \(rank)")
        }
        labels = ClassLabels(count: bottom[1].count, classes: scores.classes, ignored: ignored)
        counts = Array(repeating: 0, count: top.count > 1 ? 1 + scores.classes : 1)
        try top[0].reshape([])
        if top.count > 1 { try top[1].reshape([scores.classes]) }
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        try labels.read(bottom[1], for: self)
        try countGlobally(perClass: top.count > 1)
        var hits = 0
        if top.count > 1 { top[1].withMutableData { for k in $0.indices { $0[k] = 0 } } }
        for (column, number) in labels.numbers.enumerated() where number != ClassLabels.ignoredNumber {
            guard bottom[0].withData({ isHit($0, column, number) }) else { continue }
            hits += 1
            if top.count > 1 { top[1].withMutableData { $0[number] += 1 / Float(counts[1 + number]) } }
        }
        top[0].withMutableData { $0[0] = hits == 0 ? 0 : Float(Double(hits) / counts[0]) }
    }

    /// Fills `counts` over all ranks, asking them only where the numbers of samples don't tell.
    private func countGlobally(perClass: Bool) throws {
        guard ignored != nil || perClass else {
            counts[0] = Double(context.globalCount(labels.validCount))
            return
        }
        for index in counts.indices { counts[index] = 0 }
        counts[0] = Double(labels.validCount)
        if perClass {
            for number in labels.numbers where number != ClassLabels.ignoredNumber { counts[1 + number] += 1 }
        }
        try context.reducer.sum(&counts)
    }

    /// Whether fewer than `rank` other classes have at least the score of the true one.
    private func isHit(_ values: Span<Float>, _ column: Int, _ number: Int) -> Bool {
        let truth = values[scores.position(column, class: number)]
        var asHigh = -1  // The true class itself.
        for k in scores.positions(column) where values[k] >= truth { asHigh += 1 }
        return asHigh < rank
    }
}
