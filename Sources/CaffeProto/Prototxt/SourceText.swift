/// A place in a text file that a person can find, with the line itself and a caret under the place.
package struct SourcePlace: Equatable, Sendable {
    package let file: String
    /// From 1.
    package let line: Int
    /// In characters, from 1.
    package let column: Int
    /// The line, shortened around the place when it is long, and below it the carets: two lines of text.
    package let excerpt: String

    /// "net.prototxt:12:5".
    package var description: String { "\(file):\(line):\(column)" }
}

/// The bytes of a prototxt and the name it goes by in messages.
struct SourceText: Sendable {
    let name: String
    let bytes: [UInt8]

    /// The bytes of a range as text; what is no UTF-8 becomes �.
    func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// Where a range of bytes starts; the carets underline it as far as its line goes.
    func place(_ range: Range<Int>) -> SourcePlace {
        let start = min(range.lowerBound, bytes.count)
        let lineStart = bytes[..<start].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let lineEnd = bytes[start...].firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? bytes.count
        let before = text(lineStart..<start)
        let marked = text(start..<max(start, min(range.upperBound, lineEnd)))
        return SourcePlace(
            file: name,
            line: bytes[..<lineStart].count { $0 == UInt8(ascii: "\n") } + 1,
            column: before.count + 1,
            excerpt: excerpt(before: before, marked: marked, after: text(start..<lineEnd).dropFirst(marked.count)))
    }

    private func excerpt(before: String, marked: String, after: Substring) -> String {
        let shownBefore = before.count > 60 ? "…" + before.suffix(50) : before
        let shownMarked = marked.prefix(60)
        let room = 100 - min(90, shownBefore.count + shownMarked.count)
        let shownAfter = marked.count > 60 ? "…" : after.count > room ? after.prefix(room) + "…" : after
        let indent = String(String.UnicodeScalarView(shownBefore.unicodeScalars.map(\.blank)))
        let line = (shownBefore + shownMarked + shownAfter).unicodeScalars.map(\.shown)
        let carets = "^" + String(repeating: "~", count: max(0, shownMarked.count - 1))
        return "\(String(String.UnicodeScalarView(line)))\n\(indent)\(carets)"
    }
}

extension Unicode.Scalar {
    /// What is as wide as this scalar and empty: a tab, a full-width space under Chinese and Japanese, a space.
    fileprivate var blank: Unicode.Scalar {
        switch value {
        case 9: "\t"
        case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60:
            "\u{3000}"
        default: " "
        }
    }

    /// Itself, but for control characters, which a terminal would obey.
    fileprivate var shown: Unicode.Scalar {
        properties.generalCategory == .control && value != 9 ? "·" : self
    }
}
