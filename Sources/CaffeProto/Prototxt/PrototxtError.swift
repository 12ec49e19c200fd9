internal import Foundation

/// What is wrong with a prototxt: the mistakes found (at most ten), each with its place.
package struct PrototxtError: LocalizedError, CustomStringConvertible, Equatable, Sendable {
    /// One mistake.
    package struct Mistake: Equatable, Sendable, CustomStringConvertible {
        package let place: SourcePlace
        /// "unknown field in convolution_param".
        package let problem: String
        /// "a field of convolution_param".
        package let expected: String
        /// "kernal_size".
        package let found: String
        /// What to write instead: "did you mean kernel_size?".
        package let hint: String?

        package init(place: SourcePlace, problem: String, expected: String, found: String, hint: String? = nil) {
            self.place = place
            self.problem = problem
            self.expected = expected
            self.found = found
            self.hint = hint
        }

        /// Four lines: where and what, the line, the carets, expected and found.
        package var description: String {
            """
            \(place.description): \(problem)
            \(place.excerpt)
            expected \(expected), found \(found)\(hint.map { "; " + $0 } ?? "")
            """
        }
    }

    /// Never empty.
    package let mistakes: [Mistake]

    package init(_ mistake: Mistake, _ more: [Mistake] = []) {
        mistakes = [mistake] + more
    }

    package var description: String { mistakes.map(\.description).joined(separator: "\n") }

    package var errorDescription: String? { description }
}
