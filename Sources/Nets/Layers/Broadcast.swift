import Tensors

/// How a smaller blob lies along a larger one: `outer` times over, each of its `length` numbers for a run of `inner`.
struct Broadcast: Sendable {
    let outer: Int
    let length: Int
    let inner: Int

    /// - Parameter smaller: the larger shape's axes from `axis` on, as many as it has.
    init(_ smaller: Shape, along axis: Int, of larger: Shape) {
        precondition(Array(larger.dims[axis..<axis + smaller.axes]) == smaller.dims, "\(smaller) along \(larger)")
        outer = larger.count(from: 0, to: axis)
        length = smaller.count
        inner = larger.count(from: axis + smaller.axes)
    }

    /// The shape of what a Scale or Bias lays along its first bottom, and from which axis on: that of the second bottom, or
    /// else `axes` axes of the first (−1: all the rest).
    static func place(axis: Int, axes: Int, _ bottom: [Blob], for layer: Layer) throws -> (shape: Shape, axis: Int) {
        let whole = bottom[0].shape
        if bottom.count == 2, bottom[1].shape.axes == 0 { return ([], 0) }
        let first = try layer.axis(axis, of: bottom[0])
        let count = bottom.count == 2 ? bottom[1].shape.axes : axes == -1 ? whole.axes - first : axes
        guard count >= 0, first + count <= whole.axes else {
            let what = bottom.count == 2 ? "second bottom of shape \(bottom[1].shape)" : "num_axes \(axes)"
            throw layer.fault(
                "\(what) from axis \(first) on does not fit bottom \"\(bottom[0].name)\" of shape \(whole)")
        }
        let shape = Shape(Array(whole.dims[first..<first + count]))
        guard bottom.count == 1 || bottom[1].shape == shape else {
            throw layer.fault(
                "its second bottom \"\(bottom[1].name)\" is \(bottom[1].shape), but the axes of \"\(bottom[0].name)\" from "
                    + "\(first) on are \(shape)")
        }
        return (shape, first)
    }

    // MARK: The smaller one laid over the larger

    /// to.data += terms.data.
    func addData(_ terms: Blob, to target: Blob) {
        nonisolated(unsafe) let (terms, target) = (terms, target)
        eachRow { rows in
            unsafe target.withMutableData { y in
                unsafe terms.withData { terms in
                    for row in rows {
                        let term = terms[row % length]
                        for i in run(row) { y[i] += term }
                    }
                }
            }
        }
    }

    /// target.data *= factors.data.
    func multiplyData(of target: Blob, by factors: Blob) {
        nonisolated(unsafe) let (factors, target) = (factors, target)
        eachRow { rows in
            unsafe target.withMutableData { y in
                unsafe factors.withData { factors in multiply(&y, by: factors, rows) }
            }
        }
    }

    /// target.diff *= factors.data.
    func multiplyDiff(of target: Blob, by factors: Blob) {
        nonisolated(unsafe) let (factors, target) = (factors, target)
        eachRow { rows in
            unsafe target.withMutableDiff { y in
                unsafe factors.withData { factors in multiply(&y, by: factors, rows) }
            }
        }
    }

    private func multiply(_ y: inout MutableSpan<Float>, by factors: Span<Float>, _ rows: Range<Int>) {
        for row in rows {
            let factor = factors[row % length]
            for i in run(row) { y[i] *= factor }
        }
    }

    /// Where row `row` of the larger blob lies: what shares one number of the smaller in one of its `outer` repetitions.
    @inline(__always)
    func run(_ row: Int) -> Range<Int> { row * inner..<(row + 1) * inner }

    /// Calls body with the `outer` · `length` rows, on the rank's threads.
    func eachRow(_ body: @Sendable (_ rows: Range<Int>) -> Void) {
        Threads.parallel(outer * length, grain: max(1, (1 << 15) / max(1, inner)), body)
    }

    // MARK: The larger one summed to the smaller

    /// target.diff = beta · target.diff + Σ diff of the larger blob.
    func sumDiff(of larger: Blob, beta: Float, to target: Blob) {
        nonisolated(unsafe) let (larger, target) = (larger, target)
        eachNumber { numbers in
            unsafe target.withMutableDiff { sums in
                unsafe larger.withDiff { dy in
                    for k in numbers { add(sum(k) { Double(dy[$0]) }, beta, to: &sums[k]) }
                }
            }
        }
    }

    /// target.diff = beta · target.diff + Σ diff of the larger blob · data of one like it.
    func sumDiff(of larger: Blob, times values: Blob, beta: Float, to target: Blob) {
        nonisolated(unsafe) let (larger, values, target) = (larger, values, target)
        eachNumber { numbers in
            unsafe target.withMutableDiff { sums in
                unsafe larger.withDiff { dy in
                    unsafe values.withData { x in
                        for k in numbers { add(sum(k) { Double(dy[$0] * x[$0]) }, beta, to: &sums[k]) }
                    }
                }
            }
        }
    }

    /// The sum of what belongs to number k of the smaller blob.
    @inline(__always)
    private func sum(_ k: Int, _ value: (Int) -> Double) -> Double {
        var sum = 0.0
        for o in 0..<outer {
            let start = (o * length + k) * inner
            for i in start..<start + inner { sum += value(i) }
        }
        return sum
    }

    private func add(_ sum: Double, _ beta: Float, to target: inout Float) {
        target = beta == 0 ? Float(sum) : beta * target + Float(sum)
    }

    /// Calls body with the smaller blob's numbers, on the rank's threads.
    func eachNumber(_ body: @Sendable (_ numbers: Range<Int>) -> Void) {
        Threads.parallel(length, grain: max(1, (1 << 14) / max(1, outer * inner)), body)
    }
}
