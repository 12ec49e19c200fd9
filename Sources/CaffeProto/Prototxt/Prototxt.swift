package import SwiftProtobuf

/// Caffe's text format: reads it with errors that point at the place, writes it as Caffe does.
package enum Prototxt {
    /// A message and where its parts stand in the file.
    package struct Document<Content: Message>: Sendable {
        package let message: Content
        package let sources: SourceMap
        /// What was repaired while reading, a sentence for each kind.
        package let notes: [String]
    }

    /// Reads a prototxt file, without a word about what had to be repaired.
    ///
    /// - Throws: `PrototxtError` with the mistakes in it; `CaffeFileError` when it cannot be read or is no text.
    package static func read<Content: Message>(
        _ type: Content.Type = Content.self, file path: String
    ) throws -> Content {
        try document(type, file: path).message
    }

    /// Reads a text, which goes by `name` in errors.
    package static func read<Content: Message>(
        _ type: Content.Type = Content.self, text: String, name: String
    ) throws(PrototxtError) -> Content {
        try document(type, text: text, name: name).message
    }

    /// As `read(_:file:)`, with places.
    package static func document<Content: Message>(
        _ type: Content.Type = Content.self, file path: String
    ) throws -> Document<Content> {
        let bytes = try CaffeFile.text(of: path)
        return try document(SourceText(name: path, bytes: bytes))
    }

    /// As `read(_:text:name:)`, with places.
    package static func document<Content: Message>(
        _ type: Content.Type = Content.self, text: String, name: String
    ) throws(PrototxtError) -> Document<Content> {
        try document(SourceText(name: name, bytes: Array(text.utf8)))
    }

    /// The message as Caffe writes it, one field a line; fields that caffe.proto does not know are left out.
    package static func write<Content: Message>(_ message: Content) -> String {
        guard let bytes: [UInt8] = try? message.serializedBytes(partial: true) else {
            preconditionFailure("\(Content.protoMessageName) cannot be serialised")
        }
        var writer = TextWriter(schema: .caffe)
        writer.write(bytes[...], as: Schema.caffe.message(Content.protoMessageName))
        return writer.text
    }

    /// Whether a prototxt is a solver's and not a net's: more of its fields are known to solvers.
    ///
    /// - Throws: As `read(_:file:)`, for what is no prototxt at all.
    package static func isSolver(file path: String) throws -> Bool {
        var parser = try Parser(SourceText(name: path, bytes: try CaffeFile.text(of: path)))
        let fields = Set(try parser.file().fields.map(\.name))
        func known(to type: String) -> Int { fields.count { Schema.caffe.message(type)[$0] != nil } }
        return known(to: "caffe.SolverParameter") > known(to: "caffe.NetParameter")
    }

    private static func document<Content: Message>(
        _ source: SourceText
    ) throws(PrototxtError) -> Document<Content> {
        var parser = try Parser(source)
        let root = try parser.file()
        let type = Schema.caffe.message(Content.protoMessageName)
        var encoder = BlockEncoder(source, schema: .caffe)
        let names = ["NetParameter": "the net", "SolverParameter": "the solver"]
        let bytes = encoder.encode(root, as: type, name: names[type.name] ?? type.name)
        // Where a field stands too far inside, the missing brace is already shown at its own place.
        let unclosed = encoder.foundMissingBrace ? nil : parser.unclosed
        let mistakes = (unclosed.map { [$0] } ?? []) + encoder.mistakes
        if let first = mistakes.first { throw PrototxtError(first, Array(mistakes.dropFirst())) }
        guard let message = try? Content(serializedBytes: bytes) else {
            preconditionFailure("\(type.name): the prototxt reader wrote what SwiftProtobuf cannot read")
        }
        return Document(
            message: message, sources: SourceMap(source: source, root: root), notes: parser.notes + encoder.notes)
    }
}
