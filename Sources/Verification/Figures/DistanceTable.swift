/// The distances of a list's pairs with their labels: what thresholds and figures are made of.
package struct DistanceTable: Sendable {
    /// One pair: how far apart its embeddings are, and whether the list calls it similar.
    package struct Row: Equatable, Sendable {
        package let distance: Float
        package let isMatch: Bool

        package init(distance: Float, isMatch: Bool) {
            self.distance = distance
            self.isMatch = isMatch
        }
    }

    package private(set) var rows: [Row] = []

    package init(_ rows: [Row] = []) { self.rows = rows }

    package mutating func append(_ row: Row) { rows.append(row) }

    /// These rows, in this order.
    package func rows(_ picked: some Sequence<Int>) -> DistanceTable { DistanceTable(picked.map { rows[$0] }) }

    package var matches: Int { rows.count { $0.isMatch } }
    package var nonMatches: Int { rows.count - matches }

    /// The mean distance of matching or of non-matching pairs; nil when there are none.
    package func meanDistance(matching: Bool) -> Double? {
        let distances = rows.lazy.filter { $0.isMatch == matching }.map { Double($0.distance) }
        let count = matching ? matches : nonMatches
        return count == 0 ? nil : distances.reduce(0, +) / Double(count)
    }
}
