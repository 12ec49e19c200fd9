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
    package var count: Int { Self.product(dims[...]) }

    /// The most values that a blob can have: C libraries count them with 32 bits, and so does Caffe (blob.cpp, Reshape).
    package static let maximalCount = Int(Int32.max)

    /// - Parameter limit: the bytes that a blob may take.
    /// - Throws: `ShapeError` where a blob can't have so many values.
    package func checkCount(limit: Int = .max) throws(ShapeError) {
        let most = min(Self.maximalCount, limit / MemoryLayout<Float>.stride)
        if count > most {
            throw ShapeError(
                shape: self, problem: "has more than \(most) values, which is the most that a blob can have here")
        }
    }

    /// `Int.max` for what is too many to count, as a net's definition may ask for.
    private static func product(_ lengths: ArraySlice<Int>) -> Int {
        if lengths.contains(0) { return 0 }
        return lengths.reduce(1) { product, length in
            let (next, isTooMany) = product.multipliedReportingOverflow(by: length)
            return isTooMany ? .max : next
        }
    }

    package var axes: Int { dims.count }

    /// The length of an axis.
    package subscript(axis: Int) -> Int { dims[axis] }

    /// The product of the lengths of the axes `from ..< to` (to the end where `to` is left out).
    package func count(from: Int, to: Int? = nil) -> Int {
        Self.product(dims[from..<(to ?? dims.count)])
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

/// A shape of more values than a blob can have.
package struct ShapeError: Error, CustomStringConvertible {
    package let shape: Shape
    /// "has more than 1000 values".
    let problem: String

    package var description: String { "the shape \(shape) \(problem)" }
}
