/// PNG files made for tests, byte by byte (RFC 2083): no libpng, no compression.
package enum PNGFile {
    /// Row after row of samples, 8 or 16 bits each, as colour type 0 (grey), 2 (RGB), 4 (grey, alpha) or 6 (RGBA).
    package static func make(
        width: Int, height: Int, bits: Int = 8, colorType: UInt8 = 2, samples: [Int], chunks: [UInt8] = []
    ) -> [UInt8] {
        let bytes = samples.flatMap { bits == 16 ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0)] }
        let row = bytes.count / height
        let lines = (0..<height).flatMap { [0] + bytes[$0 * row..<($0 + 1) * row] }
        return signature + header(width: width, height: height, bits: bits, colorType: colorType) + chunks
            + chunk("IDAT", stored(lines)) + chunk("IEND", [])
    }

    package static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

    package static func header(width: Int, height: Int, bits: Int = 8, colorType: UInt8 = 2) -> [UInt8] {
        chunk("IHDR", word(width) + word(height) + [UInt8(bits), colorType, 0, 0, 0])
    }

    package static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let checked = Array(name.utf8) + content
        return word(content.count) + checked + word(Int(crc(checked)))
    }

    /// The bytes with the checksum that each chunk should have, as far as chunks can be told.
    package static func mended(_ file: [UInt8]) -> [UInt8] {
        var (file, at) = (file, signature.count)
        while at + 12 <= file.count {
            let length = file[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
            guard at + 12 + length <= file.count else { break }
            let end = at + 8 + length
            file.replaceSubrange(end..<end + 4, with: word(Int(crc(Array(file[at + 4..<end])))))
            at = end + 4
        }
        return file
    }

    /// A zlib stream of one stored block.
    private static func stored(_ data: [UInt8]) -> [UInt8] {
        precondition(data.count <= 0xffff, "too much for one block")
        let (low, high) = (UInt8(data.count & 255), UInt8(data.count >> 8))
        var (a, b) = (1, 0)
        for byte in data {
            a = (a + Int(byte)) % 65521
            b = (b + a) % 65521
        }
        return [0x78, 0x01, 1, low, high, ~low, ~high] + data + word(b << 16 | a)
    }

    private static func word(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(0xffff_ffff) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
        }
    }
}
