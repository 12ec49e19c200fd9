/// What can be wrong with a file of embeddings or with the ids beside it.
package struct EmbeddingError: Error, Equatable, CustomStringConvertible {
    package let path: String
    /// What was expected, what was found, and what to do.
    package let problem: String

    package init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    package var description: String { "the embeddings \(path): \(problem)" }
}
