import Tensors

/// Chooses a semi-hard negative in the batch for each image of a shard, and passes the gradients of these triplets on.
///
/// Side 0 stands for anchors of a, whose positives and negatives are of b, side 1 for the other way round.
struct TripletMining {
    private let margin: Float
    /// Of each image of the global batch, batch × 2 sides: the pair with its negative, or −1 for a triplet that costs nothing.
    let choices: FloatStorage
    /// Squared distances of the own images of a side to all of the other, without their own squared lengths.
    private let distances: FloatStorage
    /// The squared length of each image of the global batch, of both sides.
    private let squares: [FloatStorage]

    init(_ pairs: MatchingPairs, margin: Float) throws {
        try Shape([pairs.samples, pairs.batch]).checkCount()
        self.margin = margin
        choices = FloatStorage(count: 2 * pairs.batch)
        distances = FloatStorage(count: pairs.samples * pairs.batch)
        squares = (0..<2).map { _ in FloatStorage(count: pairs.batch) }
    }

    /// Fills the own `choices`; returns the sum of what the own triplets cost.
    func choose(_ bottom: [Blob], _ pairs: MatchingPairs) -> Double {
        for side in 0..<2 { measureSquares(side, pairs) }
        var sum = 0.0
        for side in 0..<2 {
            measure(bottom[side], side, pairs)
            for row in 0..<pairs.samples {
                let own = pairs.first + row
                var (choice, cost): (Int?, Float) = (pairs.counts(own) ? nearestFarther(row, side, pairs) : nil, 0)
                if let negative = choice {
                    cost = squaredDistance(own, own, side, pairs) - squaredDistance(own, negative, side, pairs) + margin
                    if cost <= 0 { choice = nil }
                }
                choices.withMutableSpan { $0[2 * own + side] = Float(choice ?? -1) }
                sum += Double(max(cost, 0))
            }
        }
        return sum
    }

    private func measureSquares(_ side: Int, _ pairs: MatchingPairs) {
        pairs.embeddings[side].withSpan { x in
            squares[side].withMutableSpan { squares in
                for pair in squares.indices {
                    var sum: Float = 0
                    for i in pair * pairs.length..<(pair + 1) * pairs.length { sum += x[i] * x[i] }
                    squares[pair] = sum
                }
            }
        }
    }

    /// ‖y‖² − 2 x · y for each own x and every y of the other side.
    private func measure(_ own: Blob, _ side: Int, _ pairs: MatchingPairs) {
        distances.withMutableSpan { distances in
            squares[1 - side].withSpan { squares in
                for row in 0..<pairs.samples {
                    for j in 0..<pairs.batch { distances[row * pairs.batch + j] = squares[j] }
                }
            }
            own.withData { own in
                pairs.embeddings[1 - side].withSpan { all in
                    Gemm.multiply(
                        transposeB: true, m: pairs.samples, n: pairs.batch, k: pairs.length, alpha: -2, a: own, b: all,
                        beta: 1, c: &distances)
                }
            }
        }
    }

    /// The nearest negative that is farther than the positive, else the farthest; nil where there is no negative.
    private func nearestFarther(_ row: Int, _ side: Int, _ pairs: MatchingPairs) -> Int? {
        let own = pairs.first + row
        return distances.withSpan { distances in
            let start = row * pairs.batch
            let positive = distances[start + own]
            var (semiHard, farthest): (Int?, Int?) = (nil, nil)
            for j in 0..<pairs.batch where pairs.isNegative(j, of: own) {
                let distance = distances[start + j]
                if distance > positive, semiHard.map({ distance < distances[start + $0] }) ?? true { semiHard = j }
                if farthest.map({ distance > distances[start + $0] }) ?? true { farthest = j }
            }
            return semiHard ?? farthest
        }
    }

    /// From the anchor's side to the other.
    private func squaredDistance(_ anchor: Int, _ other: Int, _ side: Int, _ pairs: MatchingPairs) -> Float {
        let length = pairs.length
        return pairs.embeddings[side].withSpan { x in
            pairs.embeddings[1 - side].withSpan { y in
                var sum: Float = 0
                for i in 0..<length {
                    let difference = x[anchor * length + i] - y[other * length + i]
                    sum += difference * difference
                }
                return sum
            }
        }
    }

    /// The gradient of the own images of a side, as anchors, as positives, and as other anchors' negatives.
    func backward(to blob: Blob, _ side: Int, _ pairs: MatchingPairs, scale: Float) {
        let (length, first) = (pairs.length, pairs.first)
        blob.withMutableDiff { diff in
            for i in diff.indices { diff[i] = 0 }
            pairs.embeddings[side].withSpan { mine in
                pairs.embeddings[1 - side].withSpan { others in
                    choices.withSpan { choices in
                        /// Adds 2 (plus − minus) to a row.
                        func add(_ row: Int, _ plus: Span<Float>, _ p: Int, _ minus: Span<Float>, _ m: Int) {
                            for i in 0..<length {
                                diff[row * length + i] += 2 * scale * (plus[p * length + i] - minus[m * length + i])
                            }
                        }
                        for row in 0..<pairs.samples {
                            let own = first + row
                            let negative = Int(choices[2 * own + side])
                            if negative >= 0 { add(row, others, negative, others, own) }
                            if choices[2 * own + 1 - side] >= 0 { add(row, mine, own, others, own) }
                        }
                        for anchor in 0..<pairs.batch {
                            let negative = Int(choices[2 * anchor + 1 - side])
                            guard negative >= first, negative < first + pairs.samples else { continue }
                            add(negative - first, others, anchor, mine, negative)
                        }
                    }
                }
            }
        }
    }
}
