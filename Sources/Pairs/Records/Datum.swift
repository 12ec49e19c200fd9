import Tensors

/// Caffe's record of one picture or of several with their channels stacked, as it lies in a database.
///
/// Source: Caffe, src/caffe/proto/caffe.proto, message Datum. What `twotower pack` writes has a checksum besides, in a
/// field that Caffe passes over.
struct Datum {
    private(set) var channels = 0
    private(set) var height = 0
    private(set) var width = 0
    private(set) var label = 0
    /// Whether `data` is an image file, and not channels × height × width bytes.
    private(set) var isEncoded = false
    private(set) var hasFloats = false
    /// Where in the record the pixels or the image file lie.
    private(set) var data = 0..<0
    /// The fingerprint of the record's bytes before the checksum, and how many these are.
    private(set) var checksum: (value: UInt64, covers: Int)?

    /// A record that is no Datum.
    struct Malformed: Error {
        let reason: String
    }

    /// Reads a record's fields; the pixels stay where they are.
    init(_ record: Span<UInt8>) throws(Malformed) {
        var cursor = WireCursor()
        while cursor.at < record.count {
            let start = cursor.at
            let key = try cursor.varint(in: record)
            switch (key >> 3, key & 7) {
            case (1, 0): channels = try cursor.int(in: record)
            case (2, 0): height = try cursor.int(in: record)
            case (3, 0): width = try cursor.int(in: record)
            case (4, 2): data = try cursor.skip(try cursor.varint(in: record), in: record)
            case (5, 0): label = try cursor.int(in: record)
            case (6, let type):
                hasFloats = true
                try cursor.skipField(ofType: type, in: record)
            case (7, 0): isEncoded = try cursor.varint(in: record) != 0
            case (Self.checksumField, 1): checksum = (try cursor.fixed64(in: record), start)
            default: try cursor.skipField(ofType: key & 7, in: record)
            }
        }
    }

    private static let checksumField: UInt64 = 101

    /// Writes a raw Datum with a checksum.
    ///
    /// - Parameter pixels: channels × height × width bytes.
    static func record(
        _ pixels: [UInt8], channels: Int, height: Int, width: Int, label: Int
    ) -> [UInt8] {
        precondition(pixels.count == channels * height * width, "\(pixels.count) bytes for a Datum")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pixels.count + 64)
        func add(varint value: UInt64) {
            var rest = value
            while rest > 0x7f {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }
        for (field, value) in [(1, channels), (2, height), (3, width)] {
            add(varint: UInt64(field << 3))
            add(varint: UInt64(value))
        }
        add(varint: 4 << 3 | 2)
        add(varint: UInt64(pixels.count))
        bytes += pixels
        add(varint: 5 << 3)
        add(varint: UInt64(bitPattern: Int64(label)))
        let sum = Fingerprint(of: bytes.span).value
        add(varint: checksumField << 3 | 1)
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: sum >> shift)) }
        return bytes
    }

    /// Whether the record is still what was written; nil where it has no checksum.
    func isIntact(in record: Span<UInt8>) -> Bool? {
        checksum.map { Fingerprint(of: record.extracting(..<$0.covers)).value == $0.value }
    }
}

/// A place in bytes of protobuf's wire format.
private struct WireCursor {
    private(set) var at = 0

    mutating func varint(in bytes: Span<UInt8>) throws(Datum.Malformed) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard at < bytes.count else { throw Self.cut }
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw Datum.Malformed(reason: "a number of more than 64 bits at byte \(at)")
    }

    mutating func int(in bytes: Span<UInt8>) throws(Datum.Malformed) -> Int {
        Int(Int32(truncatingIfNeeded: try varint(in: bytes)))
    }

    mutating func fixed64(in bytes: Span<UInt8>) throws(Datum.Malformed) -> UInt64 {
        try skip(8, in: bytes).reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }

    @discardableResult
    mutating func skip(_ count: UInt64, in bytes: Span<UInt8>) throws(Datum.Malformed) -> Range<Int> {
        guard count <= UInt64(bytes.count - at) else { throw Self.cut }
        let range = at..<at + Int(count)
        at = range.upperBound
        return range
    }

    mutating func skipField(ofType type: UInt64, in bytes: Span<UInt8>) throws(Datum.Malformed) {
        switch type {
        case 0: _ = try varint(in: bytes)
        case 1: try skip(8, in: bytes)
        case 2: try skip(try varint(in: bytes), in: bytes)
        case 5: try skip(4, in: bytes)
        default: throw Datum.Malformed(reason: "a field of unknown type \(type) at byte \(at)")
        }
    }

    private static let cut = Datum.Malformed(reason: "it ends inside a field")
}
