import Foundation

/// The lines of one list file, taken apart.
struct ListFile {
    private(set) var paths = PackedStrings()
    /// 0 of each path where no line has one.
    private(set) var labels: [Float] = []
    private(set) var isLabelled = true

    /// Reads and checks every line of the file.
    ///
    /// - Parameter labelsAreOptional: whether a list may have paths only, which its first line decides.
    init(_ file: String, search: PathSearch, labelsAreOptional: Bool = false) throws(PairListError) {
        let bytes = try Self.read(file, search: search)
        paths.reserveCapacity(bytes: bytes.count)
        var blankLine: Int?
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let line = Self.trimmedEnd(line)
            if line.isEmpty {
                blankLine = blankLine ?? number
                continue
            }
            func malformed(_ problem: String, line: Int, text: some Sequence<UInt8>) -> PairListError {
                .malformed(file: file, line: line, text: String(decoding: Array(text), as: UTF8.self), problem: problem)
            }
            if let blankLine { throw malformed("a blank line before the end", line: blankLine, text: []) }
            if line.contains(0) {
                throw malformed("a zero byte: is this UTF-16, or no text?", line: number, text: line.filter { $0 != 0 })
            }
            let gap = line.lastIndex(where: Self.isBlank)
            if labelsAreOptional, labels.isEmpty, gap.flatMap({ Self.number(line[($0 + 1)...]) }) == nil {
                isLabelled = false
            }
            guard isLabelled else {
                paths.append(line)
                labels.append(0)
                continue
            }
            guard let gap else {
                throw malformed("no space between path and label", line: number, text: line)
            }
            let path = Self.trimmedEnd(line[..<gap])
            guard !path.isEmpty else { throw malformed("no path", line: number, text: line) }
            guard let label = Self.number(line[(gap + 1)...]) else {
                let found = String(decoding: line[(gap + 1)...], as: UTF8.self)
                throw malformed("the label \"\(found)\" is no number", line: number, text: line)
            }
            paths.append(path)
            labels.append(label)
        }
        guard !labels.isEmpty else { throw .empty(file: file) }
    }

    /// A line as errors quote it.
    func quoted(_ index: Int, file: String) -> PairListError.Quoted {
        let label = labels[index]
        let text = Int(exactly: label).map(String.init) ?? "\(label)"
        return .init(file: file, text: "\(String(decoding: paths[index], as: UTF8.self)) \(text)")
    }

    /// The whole file, without a byte-order mark.
    private static func read(_ file: String, search: PathSearch) throws(PairListError) -> ArraySlice<UInt8> {
        let buffer = FileBuffer()
        do {
            try buffer.read(search.candidates(file))
        } catch {
            throw .unreadable(file: file, reason: error.reason + search.places(file))
        }
        let content = buffer.prefix()
        return content.starts(with: [0xef, 0xbb, 0xbf]) ? content.dropFirst(3) : content[...]
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    private static func trimmedEnd(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let last = text.lastIndex(where: { !isBlank($0) }) else { return [] }
        return text[...last]
    }

    /// A whole number or a decimal one; nil for anything else, and for what is not finite.
    private static func number(_ text: ArraySlice<UInt8>) -> Float? {
        if text.count == 1, let digit = text.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
            return Float(digit - UInt8(ascii: "0"))
        }
        guard let value = Float(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }
}
