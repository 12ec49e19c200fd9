/// What a search looks for.
package struct SearchOptions: Sendable {
    package var metric = Metric.euclidean
    /// How many neighbours of each query are found.
    package var neighbours = 10
    /// Leaves row i of the index out for query i: both are one file.
    package var excludesSelf = false

    /// Queries that are searched at once, at most: the index is read once for so many.
    package static let blockQueries = 8192
    /// Neighbours, and likewise distances of rows that queries should find, of one block, unless a single query has more.
    static let blockPlaces = 1 << 22

    package init() {}
}
