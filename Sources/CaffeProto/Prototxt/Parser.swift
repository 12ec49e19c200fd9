/// Reads tokens into a tree of blocks.
///
/// Knows the grammar of protobuf's text format and nothing of Caffe's fields.
struct Parser {
    /// Caffe's own files nest five deep; the bound keeps a hostile one from exhausting the stack.
    private static let deepest = 50

    private let source: SourceText
    private var lexer: Lexer
    private var token: Token
    /// The value or field before the current token, for the hint about missing quotes.
    private var previous: (name: String, range: Range<Int>)?
    /// Set when the file ended inside a block.
    ///
    /// The tree is whole all the same, so that the schema can find the place where the brace is missing.
    private(set) var unclosed: PrototxtError.Mistake?
    /// Where "..." stands for what the writer left out.
    private var ellipses: [Range<Int>] = []

    init(_ source: SourceText) throws(PrototxtError) {
        self.source = source
        lexer = Lexer(source)
        token = try lexer.next()
    }

    /// The whole file as one block.
    mutating func file() throws(PrototxtError) -> Block {
        let root = try fields(of: Block(opening: 0..<0), name: nil, closing: nil, depth: 0)
        guard token.kind == .end else {
            throw mistake("a closing brace too many", expected: "a field or the end of the file")
        }
        return root
    }

    private mutating func fields(
        of start: Block, name: String?, closing: Character?, depth: Int
    ) throws(PrototxtError) -> Block {
        var block = start
        while !token.isSymbol("}", ">") {
            if token.kind == .end {
                if let name, let closing, unclosed == nil {
                    unclosed = .init(
                        place: source.place(block.opening), problem: "the block of \(name) that opens here has no end",
                        expected: "\"\(closing)\"", found: "the end of the file")
                }
                return block
            }
            if depth == 0, try skipEllipsis() { continue }
            block.fields.append(try field(depth: depth))
            if token.isSymbol(",", ";") { try advance() }
        }
        if let closing, !token.isSymbol(closing) { throw mistake("wrong closing brace", expected: "\"\(closing)\"") }
        return block
    }

    /// Steps over "..." between the fields of a file, as people write it above what they add to a net.
    private mutating func skipEllipsis() throws(PrototxtError) -> Bool {
        let start = token.range.lowerBound
        guard source.bytes[start...].starts(with: Array("...".utf8)) else { return false }
        while token.isSymbol(".") { try advance() }
        ellipses.append(start..<start + 3)
        return true
    }

    private mutating func field(depth: Int) throws(PrototxtError) -> Block.Field {
        guard token.kind == .identifier else { throw noField() }
        let range = token.range
        let name = source.text(range)
        previous = (name, range)
        try advance()
        let hasColon = token.isSymbol(":")
        if hasColon { try advance() }
        if token.isSymbol("[") {
            return Block.Field(name: name, range: range, values: try list(name, depth: depth), isList: true)
        }
        if !hasColon, !token.isSymbol("{", "<") {
            throw mistake("no value for \(name)", expected: "\":\" or \"{\" after \(name)")
        }
        return Block.Field(name: name, range: range, values: [try value(of: name, depth: depth)], isList: false)
    }

    private mutating func list(_ name: String, depth: Int) throws(PrototxtError) -> [Block.Value] {
        try advance()
        var values: [Block.Value] = []
        while !token.isSymbol("]") {
            values.append(try value(of: name, depth: depth))
            guard token.isSymbol(",") else { break }
            try advance()
        }
        guard token.isSymbol("]") else { throw mistake("the list of \(name) has no end", expected: "\",\" or \"]\"") }
        try advance()
        return values
    }

    private mutating func value(of name: String, depth: Int) throws(PrototxtError) -> Block.Value {
        guard token.isSymbol("{", "<") else { return .scalar(try scalar(of: name)) }
        guard depth < Self.deepest else {
            throw mistake("blocks inside blocks", expected: "at most \(Self.deepest) of them", found: "one more")
        }
        let closing: Character = token.isSymbol("{") ? "}" : ">"
        let opening = token.range
        try advance()
        let block = try fields(of: Block(opening: opening), name: name, closing: closing, depth: depth + 1)
        if token.kind != .end { try advance() }
        previous = nil
        return .block(block)
    }

    private mutating func scalar(of name: String) throws(PrototxtError) -> Block.Scalar {
        let start = token.range
        let isNegative = token.isSymbol("-")
        if isNegative { try advance() }
        let first = token
        let kind: Block.Scalar.Kind
        switch token.kind {
        case .identifier: kind = .word
        case .number: kind = .number
        case .string(var text) where !isNegative:
            var last = token
            try advance()
            while case .string(let more) = token.kind {
                text += more
                last = token
                try advance()
            }
            let range = start.lowerBound..<last.range.upperBound
            previous = (name, range)
            return Block.Scalar(kind: .text(text), isNegative: false, range: range, spelling: "")
        default:
            let hint = token.isSymbol("/", ".") ? Self.quotesHint(name) : nil
            throw mistake("no value for \(name)", expected: "a value for \(name)", hint: hint)
        }
        try advance()
        let range = start.lowerBound..<first.range.upperBound
        previous = (name, range)
        return Block.Scalar(kind: kind, isNegative: isNegative, range: range, spelling: source.text(first.range))
    }

    private mutating func advance() throws(PrototxtError) {
        token = try lexer.next()
    }
}

// MARK: - Errors

extension Parser {
    /// What was repaired, a sentence for each kind.
    var notes: [String] {
        guard !ellipses.isEmpty else { return [] }
        let lines =
            ellipses.prefix(10).map { "\(source.place($0).line)" }.joined(separator: ", ")
            + (ellipses.count > 10 ? " and others" : "")
        return ["\"...\" skipped in line \(lines): what it stands for is not added"]
    }

    private func mistake(
        _ problem: String, expected: String, found: String? = nil, hint: String? = nil
    ) -> PrototxtError {
        PrototxtError(
            .init(
                place: source.place(token.range), problem: problem, expected: expected,
                found: found ?? description(token), hint: hint))
    }

    private func description(_ token: Token) -> String {
        switch token.kind {
        case .end: "the end of the file"
        case .string(let bytes): "the text \(quoted(String(decoding: bytes, as: UTF8.self)))"
        default: quoted(source.text(token.range))
        }
    }

    /// Where a field's name should stand and does not: mostly the rest of a text written without quotes.
    private func noField() -> PrototxtError {
        var hint: String?
        if let previous, !source.bytes[previous.range.upperBound..<token.range.lowerBound].contains(10) {
            hint = Self.quotesHint(previous.name)
        } else if token.isSymbol("[") {
            hint = "extensions are not part of Caffe's files"
        }
        return mistake("no field name", expected: "a field name or a closing brace", hint: hint)
    }

    private static func quotesHint(_ name: String) -> String { "a text is written in quotes: \(name): \"…\"" }
}
