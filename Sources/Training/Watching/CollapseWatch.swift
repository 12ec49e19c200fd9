package import Comm
package import Nets
import Tensors

/// Whether a contrastive loss's embeddings have fallen together: images of both kinds of pairs at hardly any distance.
///
/// The loss then stands still at half of the margin's square times the share of non-matching pairs, which looks like slow
/// learning. Counts all pairs since the last display, over all ranks.
package struct CollapseWatch {
    /// What is said of a collapse, and kept in the metrics file as long as it lasts.
    package struct Collapse: Encodable, Equatable, Sendable, CustomStringConvertible {
        package let layer: String
        package let margin: Double
        /// Mean distances; nil where there was no such pair.
        package let matching: Double?
        package let nonMatching: Double?
        package let reason: String

        package var description: String {
            func mean(_ distance: Double?, _ kind: String) -> String {
                distance.map { "\(kind) pairs are \(TrainingLog.format($0)) apart" } ?? "there are no \(kind) pairs"
            }
            return
                "layer \(layer): the embeddings have collapsed: since the last display \(mean(matching, "matching")) and "
                + "\(mean(nonMatching, "non-matching")) on average, below 1 % of the margin of "
                + "\(TrainingLog.format(margin)). \(reason)"
        }
    }

    /// Distances below this part of the margin are hardly any.
    private static let limit = 0.01
    /// So many pairs of one kind are no chance.
    private static let manyPairs = 100.0

    private var accounts: [Account]

    /// - Parameter net: of its contrastive losses, which may be none.
    package init(_ net: Net) {
        accounts = net.steps.compactMap { step in
            (step.layer as? ContrastiveLossLayer).map { Account(loss: $0, embeddings: Array(step.bottom.prefix(2))) }
        }
    }

    /// Takes in the forward pass that has just ended, before backward uses its memory again.
    package mutating func note() {
        for index in accounts.indices { accounts[index].note() }
    }

    /// What has collapsed since the last call, or is so still; and what of that is new.
    ///
    /// Collective.
    package mutating func close(over communicator: any Communicator) throws -> (all: [Collapse], new: [Collapse]) {
        var (all, new): ([Collapse], [Collapse]) = ([], [])
        for index in accounts.indices {
            let before = accounts[index].hasCollapsed
            guard let collapse = try accounts[index].close(over: communicator) else { continue }
            all.append(collapse)
            if !before { new.append(collapse) }
        }
        return (all, new)
    }

    /// What one loss has seen since the last display.
    private struct Account {
        /// Sums that ranks can add up.
        private enum Sum: Int, CaseIterable { case matching, matchingDistance, apart, apartDistance, length }

        let loss: ContrastiveLossLayer
        let embeddings: [Blob]
        private var sums = [Double](repeating: 0, count: Sum.allCases.count)
        private var pairs = 0.0
        private var everApart = 0.0
        /// The largest mean distance of non-matching pairs so far.
        private var farthest = 0.0
        private(set) var hasCollapsed = false

        init(loss: ContrastiveLossLayer, embeddings: [Blob]) {
            self.loss = loss
            self.embeddings = embeddings
        }

        private subscript(sum: Sum) -> Double {
            get { sums[sum.rawValue] }
            set { sums[sum.rawValue] = newValue }
        }

        mutating func note() {
            for (distance, matches) in zip(loss.distances, loss.matches) {
                self[matches ? .matching : .apart] += 1
                self[matches ? .matchingDistance : .apartDistance] += Double(distance)
            }
            for embedding in embeddings { self[.length] += Self.lengths(of: embedding, samples: loss.distances.count) }
        }

        /// The sum of the samples' lengths.
        private static func lengths(of embedding: Blob, samples: Int) -> Double {
            embedding.withData { values in
                let width = values.count / max(samples, 1)
                return (0..<samples).reduce(0.0) { sum, sample in
                    let square = (sample * width..<(sample + 1) * width).reduce(Float(0)) {
                        $0 + values[$1] * values[$1]
                    }
                    return sum + Double(square.squareRoot())
                }
            }
        }

        mutating func close(over communicator: any Communicator) throws -> Collapse? {
            try communicator.allReduceSum(&sums)
            defer { sums = sums.map { _ in 0 } }
            let (matching, apart) = (mean(.matchingDistance, .matching), mean(.apartDistance, .apart))
            pairs += self[.matching] + self[.apart]
            everApart += self[.apart]
            // Some pairs that happen to be all of one kind say nothing.
            guard apart != nil || everApart == 0 && pairs >= CollapseWatch.manyPairs else { return nil }
            let near = CollapseWatch.limit * Double(loss.reach)
            hasCollapsed = matching ?? 0 < near && apart ?? 0 < near
            let length = self[.length] / (2 * (self[.matching] + self[.apart]))
            defer { farthest = max(farthest, apart ?? 0) }
            guard hasCollapsed else { return nil }
            return Collapse(
                layer: loss.name, margin: Double(loss.reach), matching: matching, nonMatching: apart,
                reason: reason(length: length, near: near))
        }

        private func mean(_ sum: Sum, _ count: Sum) -> Double? { self[count] > 0 ? self[sum] / self[count] : nil }

        private func reason(length: Double, near: Double) -> String {
            func number(_ value: Double) -> String { TrainingLog.format(value) }
            if everApart == 0 {
                return "All pairs match, so nothing drives images apart: add pairs that do not."
            }
            if length == 0 {
                return
                    "Every embedding is 0: the units below are dead; lower base_lr, take a ReLU off the embedding, and "
                    + "start again."
            }
            if farthest >= near {
                return
                    "Non-matching pairs were \(number(farthest)) apart before: the learning rate is probably too high; "
                    + "lower base_lr or begin with warm_up, and go on from a snapshot before this."
            }
            if length < Double(loss.reach) / 10 {
                return
                    "The embeddings are small (their mean length is \(number(length))): the margin is too large for them, "
                    + "or the fillers are too small; \"msra\" or \"xavier\" keep the size of the data."
            }
            return
                "All images get nearly the same embedding (of mean length \(number(length))): units below are dead or "
                + "saturated; lower base_lr, and look at scale and mean of the data."
        }
    }
}
