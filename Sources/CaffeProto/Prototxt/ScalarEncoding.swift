extension WireWriter {
    /// Writes a field's tag and value; false, and nothing written, when the value is none of the field's type.
    mutating func append(_ scalar: Block.Scalar, as field: Schema.Field) -> Bool {
        switch field.type {
        case .int32: append(integer: scalar.integer(in: Int32.self).map(Int64.init), field)
        case .int64: append(integer: scalar.integer(in: Int64.self), field)
        case .uint32: append(integer: scalar.integer(in: UInt32.self).map(Int64.init), field)
        case .uint64: append(integer: scalar.integer(in: UInt64.self).map(Int64.init(bitPattern:)), field)
        case .bool: append(integer: scalar.truth.map { $0 ? 1 : 0 }, field)
        case .enumeration(let values): append(integer: scalar.number(among: values).map(Int64.init), field)
        case .float: append(fixed: scalar.float.map(\.bitPattern), .fixed32, field)
        case .double: append(fixed: scalar.double.map(\.bitPattern), .fixed64, field)
        case .string: append(bytes: scalar.bytes.flatMap { isUTF8($0) ? $0 : nil }, field)
        case .bytes: append(bytes: scalar.bytes, field)
        case .message: false
        }
    }

    private mutating func append(integer value: Int64?, _ field: Schema.Field) -> Bool {
        guard let value else { return false }
        tag(field.number, .varint)
        varint(UInt64(bitPattern: value))
        return true
    }

    private mutating func append(fixed bits: (some FixedWidthInteger)?, _ type: WireType, _ field: Schema.Field) -> Bool
    {
        guard let bits else { return false }
        tag(field.number, type)
        fixed(bits)
        return true
    }

    private mutating func append(bytes: [UInt8]?, _ field: Schema.Field) -> Bool {
        guard let bytes else { return false }
        tag(field.number, .lengthDelimited)
        lengthDelimited(bytes)
        return true
    }

    private func isUTF8(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }
}

extension Block.Scalar {
    var bytes: [UInt8]? {
        if case .text(let bytes) = kind { bytes } else { nil }
    }

    /// Decimal, 0x hexadecimal or 0 octal, within the type's range.
    func integer<Target: FixedWidthInteger>(in type: Target.Type) -> Target? {
        guard case .number = kind, let magnitude = magnitude else { return nil }
        if !isNegative { return Target(exactly: magnitude) }
        return Int64(exactly: magnitude).flatMap { Target(exactly: -$0) }
            ?? (magnitude == 1 << 63 ? Target(exactly: Int64.min) : nil)
    }

    private var magnitude: UInt64? {
        let lower = spelling.lowercased()
        if lower.hasPrefix("0x") { return UInt64(lower.dropFirst(2), radix: 16) }
        if lower.hasPrefix("0"), lower.utf8.count > 1 { return UInt64(lower.dropFirst(), radix: 8) }
        return UInt64(lower)
    }

    /// true, false, True, False, t, f, 1 or 0.
    var truth: Bool? {
        switch (kind, isNegative, spelling) {
        case (.word, false, "true"), (.word, false, "True"), (.word, false, "t"): true
        case (.word, false, "false"), (.word, false, "False"), (.word, false, "f"): false
        case (.number, false, _): magnitude.flatMap { $0 < 2 ? $0 == 1 : nil }
        default: nil
        }
    }

    /// A decimal number, with f at the end or not, a hexadecimal whole number, inf or nan.
    var double: Double? {
        let value: Double?
        let lower = spelling.lowercased()
        switch kind {
        case .text: value = nil
        case .word: value = ["inf": .infinity, "infinity": .infinity, "nan": .nan][lower]
        case .number where lower.hasPrefix("0x"): value = magnitude.map { Double($0) }
        case .number:
            let digits = lower.hasSuffix("f") ? lower.dropLast() : lower[...]
            value = Double(digits).flatMap { $0.isFinite ? $0 : nil }
        }
        return value.map { isNegative ? -$0 : $0 }
    }

    /// As `double`, rounded; nil when that overflows.
    var float: Float? {
        guard let double else { return nil }
        let rounded = Float(double)
        return rounded.isFinite == double.isFinite ? rounded : nil
    }

    /// The number of an enum's value, given by name or by number.
    func number(among values: [Schema.EnumValue]) -> Int32? {
        switch kind {
        case .text: return nil
        case .number: return integer(in: Int32.self).flatMap { number in values.first { $0.number == number }?.number }
        case .word where isNegative: return nil
        case .word:
            let intels = ["MKLDNN", "MKL2017"]  // engines of Intel Caffe, done here by the same library
            let name = intels.contains(spelling) ? "DNNL" : spelling
            return values.first { $0.name == name }?.number
        }
    }
}
