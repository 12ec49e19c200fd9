/// A word of a prototxt.
struct Token {
    enum Kind: Equatable {
        case identifier
        /// Whatever starts like a number; whether it is one is asked when its field is known.
        case number
        /// The bytes between the quotes, escapes resolved.
        case string([UInt8])
        case symbol(Character)
        case end
    }

    let kind: Kind
    /// Bytes of the source.
    let range: Range<Int>

    func isSymbol(_ symbols: Character...) -> Bool {
        if case .symbol(let symbol) = kind { symbols.contains(symbol) } else { false }
    }
}

/// Cuts a prototxt into tokens; white space and `#` comments fall away.
struct Lexer {
    let source: SourceText
    private var offset: Int

    init(_ source: SourceText) {
        self.source = source
        offset = source.bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0  // a byte order mark is no mistake
    }

    /// The next token; `.end` for ever at the end of the text.
    mutating func next() throws(PrototxtError) -> Token {
        skipBlanks()
        guard let first = peek() else { return Token(kind: .end, range: offset..<offset) }
        let start = offset
        switch first {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return try string(quote: first)
        case _ where first.isDigit || first == UInt8(ascii: ".") && (peek(1)?.isDigit ?? false):
            skipNumber()
            return Token(kind: .number, range: start..<offset)
        case _ where first.isLetter:
            while peek()?.isWord ?? false { offset += 1 }
            return Token(kind: .identifier, range: start..<offset)
        default:
            let wide = start..<min(start + 4, source.bytes.count)
            let character = first < 0x80 ? Character(Unicode.Scalar(first)) : source.text(wide).first ?? "\u{fffd}"
            guard "{}<>[]:;,-./".contains(character) else { throw strayCharacter(character) }
            offset += 1
            return Token(kind: .symbol(character), range: start..<offset)
        }
    }

    private func peek(_ ahead: Int = 0) -> UInt8? {
        offset + ahead < source.bytes.count ? source.bytes[offset + ahead] : nil
    }

    private mutating func skipBlanks() {
        while let byte = peek() {
            if byte == UInt8(ascii: "#") {
                while let inside = peek(), inside != UInt8(ascii: "\n") { offset += 1 }
            } else if byte == UInt8(ascii: " ") || (9...13).contains(byte) {
                offset += 1
            } else {
                return
            }
        }
    }

    /// Digits, letters and points, and a sign right after an exponent's e: "1e-4", "0x1F", "3.f" and also "3x3".
    private mutating func skipNumber() {
        let isHex = peek() == UInt8(ascii: "0") && (peek(1) ?? 0) | 0x20 == UInt8(ascii: "x")
        while let byte = peek() {
            let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            let afterExponent = !isHex && source.bytes[offset - (isSign ? 1 : 0)] | 0x20 == UInt8(ascii: "e")
            guard byte.isWord || byte == UInt8(ascii: ".") || isSign && afterExponent else { return }
            offset += 1
        }
    }

    private mutating func string(quote: UInt8) throws(PrototxtError) -> Token {
        let start = offset
        var content: [UInt8] = []
        offset += 1
        while let byte = peek(), byte != UInt8(ascii: "\n") {
            if byte == quote {
                offset += 1
                return Token(kind: .string(content), range: start..<offset)
            }
            if byte == UInt8(ascii: "\\") {
                content += try escape()
            } else {
                content.append(byte)
                offset += 1
            }
        }
        let mark = Character(Unicode.Scalar(quote))
        throw mistake(
            start..<offset, "text without an end", expected: "a closing \(mark) on the same line",
            found: "the end of the \(peek() == nil ? "file" : "line")")
    }
}

// MARK: - Escapes and errors

extension Lexer {
    /// The bytes that an escape stands for (C's, and \u, \U with a code point); steps over it.
    private mutating func escape() throws(PrototxtError) -> [UInt8] {
        let start = offset
        offset += 2
        let letter = start + 1 < source.bytes.count ? source.bytes[start + 1] : 0
        let simple: [Character: UInt8] = [
            "a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, "\"": 34, "?": 63,
        ]
        if let byte = simple[Character(Unicode.Scalar(letter))] { return [byte] }
        switch letter {
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            offset = start + 1
            if let value = digits(radix: 8, atMost: 3), value < 256 { return [UInt8(value)] }
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            if let value = digits(radix: 16, atMost: 2) { return [UInt8(value)] }
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let length = letter == UInt8(ascii: "u") ? 4 : 8
            if let value = digits(radix: 16, atMost: length), let scalar = Unicode.Scalar(value) {
                return Array(String(scalar).utf8)
            }
        default: break
        }
        let end = min(max(offset, start + 1), source.bytes.count)
        throw mistake(
            start..<end, "unknown escape in a text", expected: #"one of \n \t \r \\ \" \' \ooo \xhh \uhhhh"#,
            found: source.text(start..<end), hint: #"a plain backslash is written \\"#)
    }

    private mutating func digits(radix: Int, atMost length: Int) -> UInt32? {
        let start = offset
        while offset < start + length, let byte = peek(), Character(Unicode.Scalar(byte)).isDigit(radix: radix) {
            offset += 1
        }
        return UInt32(source.text(start..<offset), radix: radix)
    }

    private func strayCharacter(_ character: Character) -> PrototxtError {
        let plain: [Character: String] = [
            "“": "\"", "”": "\"", "„": "\"", "＂": "\"", "‘": "'", "’": "'", "：": ":", "｛": "{", "｝": "}", "，": ",",
            "；": ";", "－": "-", "–": "-", "−": "-", "\u{a0}": "space", "\u{3000}": "space",
            "\u{200b}": "nothing at all",
        ]
        let end = min(offset + max(1, String(character).utf8.count), source.bytes.count)
        return mistake(
            offset..<end, "a character that has no place here", expected: "a field name, a value or a brace",
            found: quoted(source.text(offset..<end)), hint: plain[character].map { "the plain form is \($0)" })
    }

    private func mistake(
        _ range: Range<Int>, _ problem: String, expected: String, found: String, hint: String? = nil
    ) -> PrototxtError {
        PrototxtError(
            .init(place: source.place(range), problem: problem, expected: expected, found: found, hint: hint))
    }
}

/// A piece of a file in quotes, cut when long; control characters are shown by number.
func quoted(_ text: String) -> String {
    let shown = text.count > 60 ? text.prefix(57) + "…" : text[...]
    let safe = shown.unicodeScalars.map { scalar in
        scalar.properties.generalCategory == .control ? "\\x" + String(scalar.value, radix: 16) : String(scalar)
    }
    return "\"\(safe.joined())\""
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) || self == UInt8(ascii: "_")
    }
    fileprivate var isWord: Bool { isDigit || isLetter }
}

extension Character {
    fileprivate func isDigit(radix: Int) -> Bool { hexDigitValue.map { isASCII && $0 < radix } ?? false }
}
