/// The lengths of a blob's axes, outermost first: N × C × H × W for images, N × C for vectors, none for a scalar.
package struct Shape: Equatable, Sendable, CustomStringConvertible, ExpressibleByArrayLiteral {
    package let dims: [Int]

    package init(_ dims: [Int]) {
        precondition(dims.allSatisfy { $0 >= 0 }, "negative length in shape \(dims)")
        self.dims = dims
    }

    package init(arrayLiteral elements: Int...) {
        self.init(elements)
    }

    /// How many values the shape holds; one for a scalar.
    package var count: Int { dims.reduce(1, *) }

    package var axes: Int { dims.count }

    /// The length of an axis.
    package subscript(axis: Int) -> Int { dims[axis] }

    /// The product of the lengths of the axes `from ..< to` (to the end where `to` is left out).
    package func count(from: Int, to: Int? = nil) -> Int {
        dims[from..<(to ?? dims.count)].reduce(1, *)
    }

    /// The axis as a non-negative number where −1 is the last one; nil when there is no such axis.
    package func canonicalAxis(_ axis: Int) -> Int? {
        let canonical = axis < 0 ? axis + axes : axis
        return (0..<axes).contains(canonical) ? canonical : nil
    }

    /// The same shape with another length on one axis.
    package func replacing(axis: Int, with length: Int) -> Shape {
        var changed = dims
        changed[axis] = length
        return Shape(changed)
    }

    /// Whether an old Caffe file's 4-D shape (1 × 1 × M × N) means this one: equal but for leading ones.
    package func matchesIgnoringLeadingOnes(_ other: Shape) -> Bool {
        dims.drop { $0 == 1 }.elementsEqual(other.dims.drop { $0 == 1 })
    }

    /// "32×96×62×62", or "scalar".
    package var description: String {
        dims.isEmpty ? "scalar" : dims.map(String.init).joined(separator: "×")
    }
}
