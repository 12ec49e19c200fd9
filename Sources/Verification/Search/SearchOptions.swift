/// What a search looks for.
package struct SearchOptions: Sendable {
    package var metric = Metric.euclidean
    /// How many neighbours of each query are found.
    package var neighbours = 10
    /// Leaves row i of the index out for query i: both are one file.
    package var excludesSelf = false

    /// Queries that are searched at once.
    static let blockQueries = 2048

    package init() {}
}
