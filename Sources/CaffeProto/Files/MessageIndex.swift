internal import SwiftProtobuf

/// Where the large fields of a binary protobuf file lie; they are read later, one at a time.
struct MessageIndex {
    /// More than any net or solver writes.
    private static let mostEntries = 100_000

    /// One length-delimited field.
    struct Entry {
        let field: Int
        let offset: Int
        let length: Int
    }

    let file: InputFile
    /// The large fields in the order of the file.
    private(set) var entries: [Entry] = []
    /// All other fields as they stand, a message of their own.
    private(set) var rest: [UInt8] = []

    /// Walks the top level of a file from its first byte to its last, reading no large field.
    ///
    /// - Parameter large: The numbers of the fields to index; the others go to `rest`.
    /// - Throws: `CaffeFileError` for a file of another kind, one that is cut short or one that is no protobuf.
    init(_ path: String, as kind: CaffeFile.Kind, large: Set<Int>) throws(CaffeFileError) {
        file = try InputFile(path, as: kind)
        try file.checkKind(among: [kind])
        var offset = 0
        while offset < file.size { offset = try field(at: offset, large: large) }
    }

    /// Indexes or keeps the field at an offset and returns where the next one starts.
    private mutating func field(at start: Int, large: Set<Int>) throws(CaffeFileError) -> Int {
        let (tag, tagEnd) = try varint(at: start)
        let number = Int(clamping: tag >> 3)
        guard number > 0, number < 1 << 29 else { throw damaged(start, "no field can start here") }
        var end: Int
        switch tag & 7 {
        case 0: end = try varint(at: tagEnd).end
        case 1: end = tagEnd + 8
        case 5: end = tagEnd + 4
        case 2:
            let (length, lengthEnd) = try varint(at: tagEnd)
            guard length <= UInt64(file.size - lengthEnd) else {
                throw damaged(
                    start,
                    "the file ends inside field \(number): it should be \(length) bytes long, "
                        + "\(file.size - lengthEnd) are left")
            }
            end = lengthEnd + Int(length)
            if large.contains(number) {
                guard entries.count < Self.mostEntries else { throw damaged(start, "it has too many parts") }
                entries.append(Entry(field: number, offset: lengthEnd, length: Int(length)))
                return end
            }
        default: throw damaged(start, "no field can start here")
        }
        guard end <= file.size else { throw damaged(start, "the file ends inside field \(number)") }
        rest += try file.read(at: start, count: end - start)
        return end
    }

    private func varint(at start: Int) throws(CaffeFileError) -> (value: UInt64, end: Int) {
        let bytes = try file.read(at: start, count: min(10, file.size - start))
        var value: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            value |= UInt64(byte & 0x7f) << (7 * UInt64(index))
            if byte < 0x80 { return (value, start + index + 1) }
        }
        throw damaged(start, bytes.count < 10 ? "the file ends inside a number" : "a number without an end")
    }

    private func damaged(_ offset: Int, _ problem: String) -> CaffeFileError {
        CaffeFileError(file.path, as: file.kind, at: UInt64(offset), problem)
    }
}

// MARK: - Decoding

extension MessageIndex {
    /// The message of all fields that are not indexed.
    func decodeRest<Content: Message>() throws(CaffeFileError) -> Content {
        try decode(rest, at: 0)
    }

    /// Reads one indexed field.
    func decode<Content: Message>(_ entry: Entry) throws(CaffeFileError) -> Content {
        try decode(try file.read(at: entry.offset, count: entry.length), at: entry.offset)
    }

    private func decode<Content: Message>(_ bytes: [UInt8], at offset: Int) throws(CaffeFileError) -> Content {
        do {
            return try Content(serializedBytes: bytes)
        } catch {
            let name = Content.protoMessageName.split(separator: ".").last ?? "message"
            throw CaffeFileError(
                file.path, as: file.kind, at: UInt64(offset), "the \(bytes.count) bytes from here are no \(name)")
        }
    }
}
