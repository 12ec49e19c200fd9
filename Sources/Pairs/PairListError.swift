/// What can be wrong with the list files of a phase.
package enum PairListError: Error, Equatable, CustomStringConvertible {
    case unreadable(file: String, reason: String)
    case empty(file: String)
    /// A line that is not `path label`; `problem` says what it lacks.
    case malformed(file: String, line: Int, text: String, problem: String)
    /// The first line on which two lists have different labels.
    case labelsDiffer(line: Int, first: Quoted, second: Quoted, counts: [Int])
    /// One list goes on, with the quoted line, where the other has ended.
    case lengthsDiffer(line: Int, longer: Quoted, shorter: String, counts: [Int])

    /// A line of a list as it is quoted.
    package struct Quoted: Equatable, Sendable {
        package let file: String
        package let text: String
    }

    package var description: String {
        switch self {
        case .unreadable(let file, let reason):
            return "can't read the list \(file): \(reason)"
        case .empty(let file):
            return "the list \(file) is empty; it needs at least one line \"path label\""
        case .malformed(let file, let line, let text, let problem):
            return """
                \(file):\(line): \(problem); expected a path, a space and a number, as in "images/a.jpg 1"
                    \(text)
                """
        case .labelsDiffer(let line, let first, let second, let counts):
            let lengths =
                counts[0] == counts[1]
                ? "" : "\nThe lists also have \(counts[0]) and \(counts[1]) lines: one may lack a line before this."
            return """
                the lists disagree on the label of line \(line); pairs need the same label on the same line of each list
                    \(first.file):\(line): \(first.text)
                    \(second.file):\(line): \(second.text)\(lengths)
                """
        case .lengthsDiffer(let line, let longer, let shorter, let counts):
            return """
                the lists have different lengths, \(counts[0]) and \(counts[1]) lines; \(shorter) ends before
                    \(longer.file):\(line): \(longer.text)
                """
        }
    }
}
