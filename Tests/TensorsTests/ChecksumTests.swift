import Tensors
import Testing

struct ChecksumTests {
    /// What `xxhsum -H64` prints.
    @Test(
        arguments: [
            ("", 0xef46_db37_51d8_e999), ("a", 0xd24e_c4f1_a98c_6e5b), ("abc", 0x44bc_2cf5_ad77_0999),
        ] as [(String, UInt64)])
    func agreesWithThePublishedValues(text: String, expected: UInt64) {
        #expect(Checksum(of: Array(text.utf8).span).value == expected)
    }

    /// The same with stripes and with rests of every kind.
    @Test(arguments: [(37, 0xd359_1e5b_482d_7c3a), (200, 0xb297_0801_942e_842d)] as [(Int, UInt64)])
    func agreesWithXxhsum(length: Int, expected: UInt64) {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 151 + 7) }
        #expect(Checksum(of: bytes.span).value == expected)
    }

    /// Every length up to some stripes, against the same bytes in pieces.
    @Test func piecesMakeNoDifference() {
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
        for length in 0...bytes.count {
            let whole = Checksum(of: bytes.span.extracting(0..<length))
            #expect(whole.count == length)
            for piece in [1, 3, 31, 32, 33, 64] {
                var pieces = Checksum()
                for start in stride(from: 0, to: length, by: piece) {
                    pieces.add(bytes.span.extracting(start..<min(start + piece, length)))
                }
                #expect(pieces.value == whole.value, "\(length) bytes in pieces of \(piece)")
            }
        }
    }

    @Test func everyBitCounts() {
        var bytes = (0..<75).map { UInt8($0) }
        var seen: Set<UInt64> = [Checksum(of: bytes.span).value]
        for index in bytes.indices {
            for bit in 0..<8 {
                bytes[index] ^= 1 << bit
                #expect(seen.insert(Checksum(of: bytes.span).value).inserted, "byte \(index), bit \(bit)")
                bytes[index] ^= 1 << bit
            }
        }
    }
}
