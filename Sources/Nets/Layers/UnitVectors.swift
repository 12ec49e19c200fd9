import Tensors

/// What scales vectors to length 1: u = x / √(Σ x² + eps), with what backward needs of it.
struct UnitVectors {
    private let epsilon: Double
    /// Where the vectors lie: each is `length` numbers, `inner` apart.
    private let vectors: Softmax
    /// u of the last forward, and 1 / √(Σ x² + eps) of each vector.
    let units: Blob
    private let factors: Blob

    /// - Parameters:
    ///   - isWhole: whether all of a sample is one vector; else the channels of each place are.
    ///   - name: of the layer.
    init(_ shape: Shape, isWhole: Bool, epsilon: Double, name: String) {
        self.epsilon = epsilon
        vectors = isWhole ? Softmax(along: 1, of: [shape[0], shape.count(from: 1)]) : Softmax(along: 1, of: shape)
        units = Blob(name: "\(name) units", shape)
        factors = Blob(name: "\(name) factors", [vectors.columns])
    }

    /// Makes `units` of these vectors.
    func take(_ input: Blob) {
        let (vectors, epsilon) = (vectors, epsilon)
        nonisolated(unsafe) let (input, units, factors) = (input, units, factors)
        eachVector { columns in
            unsafe input.withData { x in
                unsafe units.withMutableData { unit in
                    unsafe factors.withMutableData { factors in
                        for column in columns {
                            var sum = epsilon
                            for i in vectors.positions(column) { sum += Double(x[i]) * Double(x[i]) }
                            let factor = Float(1 / sum.squareRoot())
                            factors[column] = factor
                            for i in vectors.positions(column) { unit[i] = factor * x[i] }
                        }
                    }
                }
            }
        }
    }

    /// Turns a blob's diff from du into dx = (du − u · Σ du · u) / √(Σ x² + eps).
    func turnDiff(of blob: Blob) {
        let vectors = vectors
        nonisolated(unsafe) let (blob, units, factors) = (blob, units, factors)
        eachVector { columns in
            unsafe blob.withMutableDiff { dx in
                unsafe units.withData { unit in
                    for column in columns {
                        var dot = 0.0
                        for i in vectors.positions(column) { dot += Double(dx[i]) * Double(unit[i]) }
                        let factor = unsafe factors.withData { $0[column] }
                        for i in vectors.positions(column) { dx[i] = factor * (dx[i] - unit[i] * Float(dot)) }
                    }
                }
            }
        }
    }

    private func eachVector(_ body: @Sendable (_ columns: Range<Int>) -> Void) {
        Threads.parallel(vectors.columns, grain: max(1, (1 << 15) / max(1, vectors.classes)), body)
    }
}
