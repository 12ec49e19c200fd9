/// Writes protobuf's wire format as text, one field a line, as the original Caffe's upgrade tools do.
///
/// It reads bytes that SwiftProtobuf has just written, so there is no bad input here. Fields that caffe.proto does not
/// know are left out: no Caffe could read them as text.
struct TextWriter {
    private let schema: Schema
    private(set) var text = ""

    init(schema: Schema) {
        self.schema = schema
    }

    /// Appends the fields of a message.
    mutating func write(_ bytes: ArraySlice<UInt8>, as message: Schema.Message, indent: String = "") {
        var rest = bytes
        while !rest.isEmpty {
            let tag = Self.varint(&rest)
            let content = Self.content(of: tag & 7, &rest)
            guard let field = message.field(numbered: Int(tag >> 3)) else { continue }
            if case .message(let type) = field.type {
                text += "\(indent)\(field.name) {\n"
                write(content, as: schema.message(type), indent: indent + "  ")
                text += "\(indent)}\n"
            } else {
                for value in values(of: field, in: content, isPacked: tag & 7 == 2) {
                    text += "\(indent)\(field.name): \(value)\n"
                }
            }
        }
    }

    /// The texts of a field's values: one, or many when they are packed.
    private func values(of field: Schema.Field, in content: ArraySlice<UInt8>, isPacked: Bool) -> [String] {
        switch field.type {
        case .string, .bytes: return [Self.quote(content)]
        default: break
        }
        var values: [String] = []
        var rest = content
        while !rest.isEmpty { values.append(Self.value(field.type, &rest)) }
        precondition(isPacked || values.count == 1, "\(field.name) holds \(values.count) values")
        return values
    }

    private static func value(_ type: Schema.FieldType, _ rest: inout ArraySlice<UInt8>) -> String {
        switch type {
        case .float: short("\(Float(bitPattern: fixed(&rest)))")
        case .double: short("\(Double(bitPattern: fixed(&rest)))")
        case .bool: varint(&rest) == 0 ? "false" : "true"
        case .uint32, .uint64: "\(varint(&rest))"
        case .int32, .int64: "\(Int64(bitPattern: varint(&rest)))"
        case .enumeration(let values):
            name(Int32(truncatingIfNeeded: varint(&rest)), values)
        case .string, .bytes, .message: preconditionFailure("no number")
        }
    }

    private static func name(_ number: Int32, _ values: [Schema.EnumValue]) -> String {
        values.first { $0.number == number }?.name ?? "\(number)"
    }

    /// Swift's shortest form that reads back as the same number, "1" for "1.0".
    private static func short(_ number: String) -> String {
        number.hasSuffix(".0") ? String(number.dropLast(2)) : number
    }

    private static func quote(_ bytes: ArraySlice<UInt8>) -> String {
        let isText = String(validating: bytes, as: UTF8.self) != nil
        var quoted: [UInt8] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"): quoted += Array(#"\n"#.utf8)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += [UInt8(ascii: "\\"), byte]
            case 0..<32, 127,
                128... where byte < 128 || !isText:
                let octal = String(byte, radix: 8)
                quoted += Array("\\\(String(repeating: "0", count: 3 - octal.utf8.count))\(octal)".utf8)
            default: quoted.append(byte)
            }
        }
        return "\"\(String(decoding: quoted, as: UTF8.self))\""
    }
}

// MARK: - Wire format

extension TextWriter {
    /// Cuts off the bytes of one field's value.
    private static func content(of wireType: UInt64, _ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let length: Int
        switch wireType {
        case 0: length = (rest.firstIndex { $0 < 0x80 } ?? rest.endIndex) + 1 - rest.startIndex
        case 1: length = 8
        case 2: length = Int(varint(&rest))
        case 5: length = 4
        default: preconditionFailure("wire type \(wireType)")
        }
        defer { rest = rest.dropFirst(length) }
        return rest.prefix(length)
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = rest.popFirst() {
            value |= UInt64(byte & 0x7f) << shift
            shift += 7
            if byte < 0x80 { break }
        }
        return value
    }

    private static func fixed<Bits: FixedWidthInteger>(_ rest: inout ArraySlice<UInt8>) -> Bits {
        var bits: Bits = 0
        for shift in stride(from: 0, to: Bits.bitWidth, by: 8) { bits |= Bits(rest.removeFirst()) << Bits(shift) }
        return bits
    }
}
