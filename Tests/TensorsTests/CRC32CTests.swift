import Tensors
import Testing

struct CRC32CTests {
    /// RFC 3720, appendix B.4.
    @Test func valuesAreTheStandards() {
        #expect(CRC32C.value(of: [UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(CRC32C.value(of: [UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(CRC32C.value(of: (0..<32).map { UInt8($0) }) == 0x46dd_794e)
        #expect(CRC32C.value(of: "123456789".utf8) == 0xe306_9283)
    }
}
