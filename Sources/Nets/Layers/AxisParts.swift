import Tensors

/// A blob cut along one axis into parts that lie one behind the other: what Concat joins and Slice takes apart.
///
/// In memory the whole has `outer` rows, and each row holds a run of every part.
struct AxisParts {
    /// The product of the lengths before the axis.
    private let outer: Int
    /// How long a part's run is in each row, and where it starts there.
    private let runs: [Int]
    private let starts: [Int]
    private let row: Int

    /// - Parameter lengths: the parts' lengths on the axis; they add up to that of the whole.
    init(of whole: Shape, axis: Int, lengths: [Int]) {
        precondition(lengths.reduce(0, +) == whole[axis], "parts \(lengths) of \(whole)")
        let inner = whole.count(from: axis + 1)
        outer = whole.count(from: 0, to: axis)
        row = whole[axis] * inner
        runs = lengths.map { $0 * inner }
        var end = 0
        starts = runs.map { run in
            defer { end += run }
            return end
        }
    }

    /// Writes a part into its place in the whole.
    func join(_ part: Span<Float>, _ index: Int, into whole: inout MutableSpan<Float>) {
        let (run, start) = (runs[index], starts[index])
        precondition(part.count == outer * run && whole.count == outer * row)
        for o in 0..<outer {
            for i in 0..<run { whole[o * row + start + i] = part[o * run + i] }
        }
    }

    /// Reads a part out of its place in the whole.
    func take(_ index: Int, of whole: Span<Float>, into part: inout MutableSpan<Float>) {
        let (run, start) = (runs[index], starts[index])
        precondition(part.count == outer * run && whole.count == outer * row)
        for o in 0..<outer {
            for i in 0..<run { part[o * run + i] = whole[o * row + start + i] }
        }
    }
}
