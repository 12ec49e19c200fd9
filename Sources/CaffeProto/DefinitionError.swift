internal import Foundation

/// What is wrong with a net's or solver's messages, wherever they came from.
///
/// `NetDefinition` turns it into a `PrototxtError` with the place in the file.
package struct DefinitionError: LocalizedError, CustomStringConvertible, Equatable, Sendable {
    /// The layer's index, where the fault is in one.
    package let layer: Int?
    /// "layer \"conv1\"", or "the net".
    package let subject: String
    package let problem: String
    package let expected: String
    package let found: String

    package init(layer: Int?, subject: String, problem: String, expected: String, found: String) {
        self.layer = layer
        self.subject = subject
        self.problem = problem
        self.expected = expected
        self.found = found
    }

    package var description: String { "\(subject): \(problem): expected \(expected), found \(found)" }

    package var errorDescription: String? { description }
}
