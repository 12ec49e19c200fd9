/// The mistakes that the schema can tell, each with what the writer most likely meant.
extension BlockEncoder {
    mutating func twice(_ field: Block.Field, first: Block.Field) {
        guard mistakes.count < Self.mostMistakes else { return }
        report(
            field.range, "\(field.name) is given twice", expected: "one \(field.name)",
            found: "a second one", hint: "the first is in line \(source.place(first.range).line)")
    }

    /// Returns whether the whole block is the wrong place: a closing brace is missing before the field, or the file
    /// is one of another kind.
    mutating func unknown(_ field: Block.Field, _ scopes: [Scope]) -> Bool {
        guard mistakes.count < Self.mostMistakes else { return false }
        let scope = scopes[scopes.count - 1]
        let outer = scopes.dropLast().last { $0.message[field.name] != nil }
        let otherAge = otherAge(field.name, scope)
        let hint =
            outer.map { "\(field.name) belongs to \($0.name): a closing brace may be missing before it" }
            ?? innerBlocks(with: field.name, scope)
            ?? otherAge
            ?? nearest(field.name, in: scope.message.fields.map(\.name)).map { "did you mean \($0)?" }
        report(
            field.range, "unknown field in \(scope.name)", expected: "a field of \(scope.name)",
            found: quoted(field.name), hint: hint)
        foundMissingBrace = foundMissingBrace || outer != nil
        return outer != nil || scopes.count == 1 && otherAge != nil
    }

    /// "kernel_size belongs inside convolution_param": blocks of this one that know the field, those in use first.
    private func innerBlocks(with name: String, _ scope: Scope) -> String? {
        let blocks = scope.message.fields.filter { field in
            if case .message(let type) = field.type { schema.message(type)[name] != nil } else { false }
        }
        let used = blocks.filter { block in scope.block.fields.contains { $0.name == block.name } }
        let places = (used.isEmpty ? blocks : used).prefix(4).map { "\($0.name) { }" }
        return places.isEmpty ? nil : "\(name) belongs inside \(places.joined(separator: " or "))"
    }

    /// Fields that another age of nets, or the other kind of file, has.
    private func otherAge(_ name: String, _ scope: Scope) -> String? {
        let inNewLayers = [
            "blobs_lr": "param { lr_mult: … }", "weight_decay": "param { decay_mult: … }",
            "blob_share_mode": "param { share_mode: … }",
        ]
        let others = [
            "LayerParameter": ("caffe.V1LayerParameter", "the old layers { }"),
            "V1LayerParameter": ("caffe.LayerParameter", "the newer layer { }"),
            "NetParameter": ("caffe.SolverParameter", "a solver's file"),
            "SolverParameter": ("caffe.NetParameter", "a net's file"),
        ]
        guard let (type, place) = others[scope.message.name], schema.message(type)[name] != nil else { return nil }
        let instead = scope.message.name == "LayerParameter" ? inNewLayers[name] : nil
        return "\(name) belongs to \(place)" + (instead.map { "; in layer { } write \($0)" } ?? "")
    }

    mutating func wrongType(_ value: Block.Value, _ field: Schema.Field, _ scopes: [Scope]) {
        let found: String
        var hint: String?
        switch value {
        case .block: found = "a block"
        case .scalar(let scalar):
            found = (scalar.bytes == nil ? "" : "the text ") + quoted(written(scalar))
            hint = self.hint(scalar, field, scopes)
        }
        report(
            value.range, "wrong value for \(field.name)", expected: expectation(field, isShort: hint != nil),
            found: found, hint: hint)
    }

    private func written(_ scalar: Block.Scalar) -> String {
        scalar.bytes.map { String(decoding: $0, as: UTF8.self) } ?? (scalar.isNegative ? "-" : "") + scalar.spelling
    }

    /// "a whole number from 0 to 4294967295", "one of MAX, AVE, STOCHASTIC"; short leaves out a list that is long.
    func expectation(_ field: Schema.Field, isShort: Bool = false) -> String {
        switch field.type {
        case .int32: "a whole number from \(Int32.min) to \(Int32.max)"
        case .int64: "a whole number from \(Int64.min) to \(Int64.max)"
        case .uint32: "a whole number from 0 to \(UInt32.max)"
        case .uint64: "a whole number from 0 to \(UInt64.max)"
        case .float, .double: "a number"
        case .bool: "true or false"
        case .string: "a text in quotes"
        case .bytes: "bytes in quotes"
        case .enumeration(let values) where isShort && values.count > 8: "one of \(values.count) known names"
        case .enumeration(let values): "one of " + values.map(\.name).joined(separator: ", ")
        case .message: "a block \(field.name) { … }"
        }
    }

    private func hint(_ scalar: Block.Scalar, _ field: Schema.Field, _ scopes: [Scope]) -> String? {
        let written = written(scalar)
        switch (field.type, scalar.bytes) {
        case (.string, nil), (.bytes, nil):
            let isLayerType = field.name == "type" && scopes.last?.message.name == "LayerParameter"
            let name = isLayerType ? LayerTypes.modernName(ofV1: written) : nil
            return "write \(field.name): \(quoted(name ?? written))"
        case (.string, .some): return "the text is not UTF-8: save the file in that encoding"
        case (.message(let type), _):
            let inner = schema.message(type).fields.first { scalar.number(among: $0.values) != nil }
            return inner.map { "write \(field.name) { \($0.name): \(written) }" }
        case (.enumeration(let values), let text):
            let old = LayerTypes.v1Name(of: written).flatMap { name in values.first { $0.name == name }?.name }
            guard let name = old ?? nearest(written, in: values.map(\.name)) else { return nil }
            return text == nil ? "did you mean \(name)?" : "write \(field.name): \(name)"
        case (_, .some): return "write the value without quotes"
        case (.bool, nil): return nearest(written, in: ["true", "false"]).map { "did you mean \($0)?" }
        case (.float, nil) where scalar.double != nil: return "the greatest is \(Float.greatestFiniteMagnitude)"
        default: return nil
        }
    }
}

extension Schema.Field {
    /// An enum's values, none for another type.
    fileprivate var values: [Schema.EnumValue] {
        if case .enumeration(let values) = type { values } else { [] }
    }
}
