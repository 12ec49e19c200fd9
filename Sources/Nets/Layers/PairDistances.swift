import Tensors

/// How far apart the embeddings of each pair of this shard are, and which pairs match.
package struct PairDistances {
    package enum Norm { case l1, l2 }

    private(set) var distances: [Float]
    private(set) var matches: [Bool]

    /// Pairs that all match as long as no labels say otherwise.
    init(count: Int) {
        distances = Array(repeating: 0, count: count)
        matches = Array(repeating: true, count: count)
    }

    /// Refuses first bottoms that are no embeddings of one shape N × C, further axes of length 1.
    static func check(_ bottom: [Blob], of layer: Layer) throws {
        let (a, b) = (bottom[0].shape, bottom[1].shape)
        guard a.axes >= 2, a.count(from: 2) == 1, a.dims == b.dims else {
            throw layer.fault(
                "compares two embeddings of one shape N×C, found \"\(bottom[0].name)\" \(a) and "
                    + "\"\(bottom[1].name)\" \(b)")
        }
    }

    static func checkLabel(_ label: Blob, of layer: Layer, pairs: Int) throws {
        guard label.shape.axes >= 1, label.shape[0] == pairs, label.count == pairs else {
            throw layer.fault(
                "needs a label for each of \(pairs) pairs, found \"\(label.name)\" of shape \(label.shape)")
        }
    }

    mutating func measure(_ a: Blob, _ b: Blob, norm: Norm = .l2) {
        let length = a.shape[1]
        a.withData { a in
            b.withData { b in
                for n in distances.indices { distances[n] = Self.distance(a, b, row: n, length: length, norm) }
            }
        }
    }

    /// The distance of row `row` of two blobs of N × `length`.
    package static func distance(
        _ a: Span<Float>, _ b: Span<Float>, row: Int, length: Int, _ norm: Norm = .l2
    ) -> Float {
        var sum: Float = 0
        for i in row * length..<(row + 1) * length {
            let difference = a[i] - b[i]
            sum += norm == .l1 ? abs(difference) : difference * difference
        }
        return norm == .l1 ? sum : sum.squareRoot()
    }

    /// A pair matches when its label, cut to a whole number, is not 0.
    mutating func read(_ label: Blob) {
        label.withData { label in
            for n in matches.indices { matches[n] = label[n].rounded(.towardZero) != 0 }
        }
    }
}
