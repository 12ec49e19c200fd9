import CaffeProto
import Tensors

/// The matching pairs of a whole batch, for losses that take the other pairs' images for what does not match.
///
/// Bottoms: embeddings a and b (N × C, further axes of length 1), of which line i is a pair, and a label (N) if there is
/// one. Every rank knows the embeddings and labels of all, so that a batch has the same negatives on any number of ranks.
struct MatchingPairs {
    /// Pairs of this shard, of the global batch, and the numbers of an embedding.
    let samples: Int
    let batch: Int
    let length: Int
    /// Of this shard's first pair in the global batch.
    let first: Int
    /// a and b of the global batch, batch × length.
    let embeddings: [FloatStorage]
    /// How many pairs of the global batch count, as of the last forward.
    private(set) var counted: Int
    /// Of this shard.
    private(set) var distances: PairDistances
    private let meaning: PairLabel
    /// Of the global batch, where there is one.
    private let labels: FloatStorage?
    /// Whether each pair of the global batch counts: in a test, pairs with label 0 are only measured.
    private var counts: [Bool]
    /// Of the global batch: pairs of one group are no negatives of each other.
    private var groups: [Float]

    /// Checks the bottoms of a layer.
    init(_ bottom: [Blob], label meaning: PairLabel, of layer: Layer) throws {
        try PairDistances.check(bottom, of: layer)
        (samples, length) = (bottom[0].shape[0], bottom[0].shape[1])
        if bottom.count > 2 { try PairDistances.checkLabel(bottom[2], of: layer, pairs: samples) }
        let context = layer.context
        guard context.globalBatch == nil || samples == context.shard.count else {
            throw layer.fault(
                "needs an embedding for each of the \(context.shard.count) pairs of a pass, found \"\(bottom[0].name)\" of "
                    + "shape \(bottom[0].shape)")
        }
        guard meaning == .pair || bottom.count > 2 else {
            throw layer.fault(
                "has label: IDENTITY, but no third bottom with the identities; give it one, or leave that out")
        }
        batch = context.globalCount(samples)
        first = context.shard.lowerBound
        let floats = batch * length
        embeddings = [FloatStorage(count: floats), FloatStorage(count: floats)]
        labels = bottom.count > 2 ? FloatStorage(count: batch) : nil
        counted = batch
        counts = Array(repeating: true, count: batch)
        groups = (0..<batch).map { Float($0) }
        distances = PairDistances(count: samples)
        self.meaning = meaning
    }

    /// Takes in a forward pass: measures this shard, and learns of the other ranks'.
    ///
    /// Collective. Throws for a pair that does not match, in training.
    mutating func take(_ bottom: [Blob], for layer: Layer) throws {
        distances.measure(bottom[0], bottom[1])
        if let labels {
            if meaning == .pair { try readMatches(bottom[2], for: layer) }
            try gather(bottom[2], into: labels, width: 1, for: layer)
            labels.withSpan { labels in
                for pair in labels.indices {
                    if meaning == .identity {
                        groups[pair] = labels[pair]
                    } else {
                        counts[pair] = labels[pair].rounded(.towardZero) != 0
                    }
                }
            }
            counted = counts.count { $0 }
        }
        for (blob, storage) in zip(bottom, embeddings) { try gather(blob, into: storage, width: length, for: layer) }
    }

    private func gather(_ blob: Blob, into storage: FloatStorage, width: Int, for layer: Layer) throws {
        storage.withMutableSpan { rows in
            blob.withData { own in for i in own.indices { rows[first * width + i] = own[i] } }
        }
        try layer.context.reducer.gather(storage, width: width)
    }

    private mutating func readMatches(_ label: Blob, for layer: Layer) throws {
        distances.read(label)
        guard layer.context.phase == .train, let stranger = distances.matches.firstIndex(of: false) else { return }
        throw layer.fault(
            "takes matching pairs only, since each other pair's image is one that does not match, but pair \(stranger + 1) "
                + "of this batch has label 0; take the pairs with label 0 out of the lists (or say label: IDENTITY if the "
                + "labels are numbers of identities)")
    }

    /// Whether a pair of the global batch counts.
    func counts(_ pair: Int) -> Bool { counts[pair] }

    /// Whether one pair's images are strangers to the other's.
    func isNegative(_ other: Int, of pair: Int) -> Bool { counts[other] && groups[other] != groups[pair] }
}
