/// What a search has found for a block of queries.
package struct SearchResult: Sendable {
    /// The queries of the block.
    package let queries: Range<Int>
    /// The nearest rows of each, the nearest first.
    package let neighbours: [[Neighbour]]
    /// For each query the squares of the distances of the rows that it should find, in ascending order, and how many rows
    /// of the index are no farther than each, itself among them.
    package let relevant: [[Place]]

    package struct Place: Equatable, Sendable {
        package let square: Double
        /// 1 for the nearest; rows equally far share the last place of theirs.
        package let rank: Int

        package init(square: Double, rank: Int) {
            self.square = square
            self.rank = rank
        }
    }
}
