/// How a blob's values lie in memory: fixed when the net is set up, never changed by a step.
package enum Layout: Equatable, Sendable, CustomStringConvertible {
    /// Row-major, as Caffe has it: N × C × H × W.
    case plain
    /// N × ⌈C/b⌉ × H × W × b, the last block padded with zeros: oneDNN's nChw8c and nChw16c.
    case blocked(Int)
    /// The same of bfloat16 numbers, two in the place of a float: for kernels alone, no float is to be read from it.
    case plainBF16
    case blockedBF16(Int)

    /// In what the values are.
    package var precision: Precision {
        switch self {
        case .plain, .blocked: .float32
        case .plainBF16, .blockedBF16: .bf16
        }
    }

    /// The same order of values in another precision.
    package func of(_ precision: Precision) -> Layout {
        switch (self, precision) {
        case (.plain, .bf16): .plainBF16
        case (.blocked(let block), .bf16): .blockedBF16(block)
        case (.plainBF16, .float32): .plain
        case (.blockedBF16(let block), .float32): .blocked(block)
        default: self
        }
    }

    /// How many floats a blob of this shape takes.
    package func storageCount(of shape: Shape) -> Int {
        switch self {
        case .plain:
            return shape.count
        case .blocked(let block):
            precondition(shape.axes == 4, "only a four-axis blob can be blocked, not \(shape)")
            return shape.replacing(axis: 1, with: (shape[1] + block - 1) / block * block).count
        case .plainBF16, .blockedBF16:
            return (of(.float32).storageCount(of: shape) + 1) / 2
        }
    }

    /// Whether there is more in the storage than a blob of this shape has values.
    package func pads(_ shape: Shape) -> Bool { of(.float32).storageCount(of: shape) != shape.count }

    package var description: String {
        switch self {
        case .plain: "plain"
        case .blocked(let block): "blocked \(block)"
        case .plainBF16, .blockedBF16: "\(of(.float32)) bf16"
        }
    }
}
