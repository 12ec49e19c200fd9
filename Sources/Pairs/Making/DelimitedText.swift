/// The rows of a table in text, one after the other: values with commas between, or with tabs.
///
/// With commas after RFC 4180: a value in quotes may hold commas, line breaks and, doubled, quotes. With tabs a value is
/// all between two of them. Lines may end in CRLF; blank lines are passed over.
package struct DelimitedText {
    /// Why a row can't be read, and on which line.
    package struct Failure: Error, Equatable {
        package let line: Int
        package let problem: String

        package init(line: Int, problem: String) {
            self.line = line
            self.problem = problem
        }
    }

    /// Whether values are separated by commas rather than tabs.
    let hasCommas: Bool
    /// The values of the row that was read last.
    package private(set) var values: [[UInt8]] = []
    /// The line on which that row begins, from 1.
    package private(set) var line = 0

    private let bytes: [UInt8]
    private var position: Int
    private var nextLine = 1

    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// - Parameter bytes: the whole text; with a tab in its first line it is a table with tabs.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        hasCommas = !bytes.prefix { $0 != Self.newline }.contains(UInt8(ascii: "\t"))
    }

    /// Reads the next row into `values`; false after the last.
    package mutating func next() throws(Failure) -> Bool {
        skipBlankLines()
        guard position < bytes.count else { return false }
        line = nextLine
        values.removeAll(keepingCapacity: true)
        let separator = UInt8(ascii: hasCommas ? "," : "\t")
        while true {
            values.append(hasCommas && peek == Self.quote ? try quoted() : try plain(separator))
            guard let byte = peek else { return true }
            position += 1
            if byte == Self.newline {
                nextLine += 1
                return true
            }
        }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlankLines() {
        while let byte = peek, byte == Self.newline || byte == Self.carriageReturn && isLineEnd(position + 1) {
            nextLine += byte == Self.newline ? 1 : 0
            position += 1
        }
    }

    private func isLineEnd(_ position: Int) -> Bool { position == bytes.count || bytes[position] == Self.newline }

    /// A value up to the next separator or line end, which stays.
    private mutating func plain(_ separator: UInt8) throws(Failure) -> [UInt8] {
        let start = position
        while let byte = peek, byte != separator, byte != Self.newline {
            if hasCommas, byte == Self.quote {
                throw Failure(line: line, problem: "a quote inside a value that doesn't begin with one")
            }
            position += 1
        }
        let hasReturn = position > start && bytes[position - 1] == Self.carriageReturn && isLineEnd(position)
        return Array(bytes[start..<(hasReturn ? position - 1 : position)])
    }

    /// A value in quotes, up to the separator or line end behind them, which stays.
    private mutating func quoted() throws(Failure) -> [UInt8] {
        var value: [UInt8] = []
        position += 1
        while let byte = peek {
            position += 1
            if byte == Self.newline { nextLine += 1 }
            guard byte == Self.quote else {
                value.append(byte)
                continue
            }
            if peek == Self.quote {
                value.append(byte)
                position += 1
                continue
            }
            if peek == Self.carriageReturn, isLineEnd(position + 1) { position += 1 }
            guard peek == nil || peek == Self.newline || peek == UInt8(ascii: ",") else {
                throw Failure(line: nextLine, problem: "a value goes on behind its closing quote")
            }
            return value
        }
        throw Failure(line: line, problem: "a value's opening quote is never closed")
    }
}
