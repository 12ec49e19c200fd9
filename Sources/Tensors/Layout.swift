/// How a blob's values lie in memory: fixed when the net is set up, never changed by a step.
package enum Layout: Equatable, Sendable, CustomStringConvertible {
    /// Row-major, as Caffe has it: N × C × H × W.
    case plain
    /// N × ⌈C/b⌉ × H × W × b, the last block padded with zeros: oneDNN's nChw8c and nChw16c.
    case blocked(Int)

    /// How many floats a blob of this shape takes.
    package func storageCount(of shape: Shape) -> Int {
        switch self {
        case .plain:
            return shape.count
        case .blocked(let block):
            precondition(shape.axes == 4, "only a four-axis blob can be blocked, not \(shape)")
            return shape.replacing(axis: 1, with: (shape[1] + block - 1) / block * block).count
        }
    }

    package var description: String {
        switch self {
        case .plain: "plain"
        case .blocked(let block): "blocked \(block)"
        }
    }
}
