import Foundation

/// Whose pictures the pairs of a list show, as numbers from 0 on.
package struct PairIdentities: Equatable, Sendable {
    /// How many different identities there are.
    package let count: Int
    /// The identity of each pair's first picture.
    package let first: [Int]
    /// And of its second.
    package let second: [Int]
    /// What each number stands for.
    package let names: [String]

    package init(_ pairs: [(first: String, second: String)]) {
        var numbers: [String: Int] = [:]
        var names: [String] = []
        func number(_ name: String) -> Int {
            if let known = numbers[name] { return known }
            numbers[name] = names.count
            names.append(name)
            return names.count - 1
        }
        var (first, second): ([Int], [Int]) = ([], [])
        for pair in pairs {
            first.append(number(pair.first))
            second.append(number(pair.second))
        }
        (self.first, self.second) = (first, second)
        self.names = names
        count = names.count
    }

    /// Those of some pairs, with the same numbers.
    package func pairs(_ picked: [Int]) -> PairIdentities { PairIdentities(self, picked) }

    private init(_ whole: PairIdentities, _ picked: [Int]) {
        (count, names) = (whole.count, whole.names)
        first = picked.map { whole.first[$0] }
        second = picked.map { whole.second[$0] }
    }

    /// Reads the columns beside a pair list: line i is `identityA<TAB>identityB` for line i of the lists.
    ///
    /// - Parameter pairs: how many lines the lists have.
    package init(file: String, pairs: Int) throws(IdentityFileError) {
        let text: String
        do {
            text = try String(contentsOf: URL(fileURLWithPath: file), encoding: .utf8)
        } catch {
            throw .unreadable(file: file, reason: error.localizedDescription)
        }
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        if lines.last == "" { lines.removeLast() }
        guard lines.count == pairs else { throw .wrongLength(file: file, lines: lines.count, pairs: pairs) }
        var columns: [(String, String)] = []
        columns.reserveCapacity(pairs)
        for (index, line) in lines.enumerated() {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard cells.count == 2, cells.allSatisfy({ !$0.isEmpty }) else {
                throw .malformed(file: file, line: index + 1, text: String(line))
            }
            columns.append((String(cells[0]), String(cells[1])))
        }
        self.init(columns)
    }
}

/// What can be wrong with a file of identity columns.
package enum IdentityFileError: Error, Equatable, CustomStringConvertible {
    case unreadable(file: String, reason: String)
    case malformed(file: String, line: Int, text: String)
    case wrongLength(file: String, lines: Int, pairs: Int)

    package var description: String {
        switch self {
        case .unreadable(let file, let reason): "can't read the identities \(file): \(reason)"
        case .malformed(let file, let line, let text):
            """
            \(file):\(line): expected the identities of a pair's two pictures with a tab between them
                \(text)
            """
        case .wrongLength(let file, let lines, let pairs):
            """
            \(file) has \(lines) lines, but the lists have \(pairs) pairs: line i must name the two identities of line i \
            of the lists
            """
        }
    }
}
