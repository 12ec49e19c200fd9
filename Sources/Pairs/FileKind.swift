/// What a file is by how it begins.
enum FileKind: Equatable {
    case jpeg, png
    /// Nothing that is decoded here, in words: "a BMP image", "an empty file".
    case other(String)

    /// How many bytes from the start of a file are enough.
    static let prefix = 512

    init(_ start: [UInt8]) {
        if start.starts(with: [0xff, 0xd8]) {
            self = .jpeg
        } else if start.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
            self = .png
        } else {
            self = .other(Self.name(start))
        }
    }

    private static func name(_ start: [UInt8]) -> String {
        if start.isEmpty { return "an empty file" }
        if let kind = signatures.first(where: { matches($0.pattern, start) }) { return kind.name }
        if start.allSatisfy({ $0 == 0 }) { return "a file of zeros" }
        if start.allSatisfy(isText) { return text(start) }
        let first = start.prefix(4).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        return "data of an unknown kind (it begins with \(first.joined(separator: " ")))"
    }

    /// Signatures at the start of a file; "?" stands for any byte.
    private static let signatures: [(pattern: String, name: String)] = [
        ("\u{89}PNG", "a PNG image that was sent as text (its line ends are changed)"),
        ("BM", "a BMP image"),
        ("GIF8", "a GIF image"),
        ("RIFF????WEBP", "a WebP image"),
        ("II*\0", "a TIFF image"),
        ("MM\0*", "a TIFF image"),
        ("????ftypavif", "an AVIF image"),
        ("????ftyphei", "a HEIC image"),
        ("????ftypmif", "a HEIF image"),
        ("\0\0\0\u{0c}jP", "a JPEG 2000 image"),
        ("\u{ff}O\u{ff}Q", "a JPEG 2000 image"),
        ("\u{ff}\u{0a}", "a JPEG XL image"),
        ("\0\0\0\u{0c}JXL", "a JPEG XL image"),
        ("%PDF", "a PDF document"),
        ("PK\u{03}\u{04}", "a zip archive"),
        ("\u{1f}\u{8b}", "a gzip file"),
    ]

    private static func matches(_ pattern: String, _ bytes: [UInt8]) -> Bool {
        bytes.count >= pattern.unicodeScalars.count
            && zip(pattern.unicodeScalars, bytes).allSatisfy { $0 == "?" || $0.value == UInt32($1) }
    }

    private static func isText(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7f || (0x09...0x0d).contains(byte)
    }

    private static func text(_ start: [UInt8]) -> String {
        let text = String(decoding: start, as: UTF8.self).lowercased().drop { $0.isWhitespace }
        if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") { return "an HTML page" }
        if text.contains("<svg") { return "an SVG image" }
        if text.hasPrefix("version https://git-lfs") { return "a Git LFS pointer (run \"git lfs pull\")" }
        return "text"
    }
}
