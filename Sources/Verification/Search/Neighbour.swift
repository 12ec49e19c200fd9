/// A row of the index as it lies to a query: the nearer is the smaller, and of rows equally near the one that comes first.
package struct Neighbour: Comparable, Sendable {
    /// The square of the distance, as `Metric` has it.
    package let square: Double
    /// The row of the whole index.
    package let row: Int

    package init(square: Double, row: Int) {
        self.square = square
        self.row = row
    }

    package static func < (a: Neighbour, b: Neighbour) -> Bool {
        a.square < b.square || (a.square == b.square && a.row < b.row)
    }
}
