/// Checks a tree of blocks against the schema and writes it in protobuf's wire format.
///
/// It goes on after a mistake, so that one run shows all of them.
struct BlockEncoder {
    /// A block that is being read: its message type and the name that it has in the file.
    struct Scope {
        let message: Schema.Message
        let name: String
        let block: Block
    }

    /// Where it stops to note mistakes.
    static let mostMistakes = 10

    let source: SourceText
    let schema: Schema
    private(set) var mistakes: [PrototxtError.Mistake] = []
    /// Whether a field was found that belongs to a block further out: where a closing brace is missing.
    var foundMissingBrace = false
    /// Old layer types that stand in `layer { }` without quotes, by the new name that was read.
    private var oldTypes: [(old: String, new: String)] = []

    init(_ source: SourceText, schema: Schema) {
        self.source = source
        self.schema = schema
    }

    /// The bytes of a block; worth something only while there are no mistakes.
    mutating func encode(_ block: Block, as message: Schema.Message, name: String, inside: [Scope] = []) -> [UInt8] {
        let scopes = inside + [Scope(message: message, name: name, block: block)]
        var writer = WireWriter()
        var seen: [String: Block.Field] = [:]
        for field in block.fields {
            guard let known = message[field.name] else {
                let isElsewhere = unknown(field, scopes)
                if isElsewhere { return [] }  // and so is what follows
                continue
            }
            if let first = seen.updateValue(field, forKey: field.name), !known.isRepeated {
                twice(field, first: first)
            } else if field.isList, !known.isRepeated {
                report(field.range, "\(field.name) takes one value", expected: expectation(known), found: "a list")
            } else {
                for value in field.values { encode(value, as: known, scopes, &writer) }
            }
        }
        for field in message.fields where field.isRequired && seen[field.name] == nil {
            report(block.opening, "\(name) is not complete", expected: "\(field.name) in \(name)", found: "none")
        }
        return writer.bytes
    }

    private mutating func encode(
        _ value: Block.Value, as field: Schema.Field, _ scopes: [Scope], _ writer: inout WireWriter
    ) {
        switch (field.type, value) {
        case (.message(let type), .block(let block)):
            let content = encode(block, as: schema.message(type), name: field.name, inside: scopes)
            writer.tag(field.number, .lengthDelimited)
            writer.lengthDelimited(content)
        case (.message, .scalar), (_, .block):
            wrongType(value, field, scopes)
        case (_, .scalar(let scalar)):
            if writer.append(scalar, as: field) { return }
            guard let name = newName(forOldType: scalar, field, scopes) else { return wrongType(value, field, scopes) }
            writer.tag(field.number, .lengthDelimited)
            writer.lengthDelimited(Array(name.utf8))
        }
    }

    /// "InnerProduct" for the bare `type: INNER_PRODUCT` of an old layer in a `layer { }`.
    private mutating func newName(forOldType scalar: Block.Scalar, _ field: Schema.Field, _ scopes: [Scope]) -> String?
    {
        guard case .word = scalar.kind, field.name == "type", scopes.last?.message.name == "LayerParameter",
            let name = LayerTypes.modernName(ofV1: scalar.spelling), !name.isEmpty
        else { return nil }
        if !oldTypes.contains(where: { $0.old == scalar.spelling }) { oldTypes.append((scalar.spelling, name)) }
        return name
    }

    /// What was repaired, a sentence for each kind.
    var notes: [String] {
        guard !oldTypes.isEmpty else { return [] }
        let names = oldTypes.map { "\($0.old) as \"\($0.new)\"" }.joined(separator: ", ")
        return ["old layer types in layer { } read by their new names: \(names)"]
    }

    mutating func report(
        _ range: Range<Int>, _ problem: String, expected: String, found: String, hint: String? = nil
    ) {
        guard mistakes.count < Self.mostMistakes else { return }
        mistakes.append(
            .init(place: source.place(range), problem: problem, expected: expected, found: found, hint: hint))
    }
}
