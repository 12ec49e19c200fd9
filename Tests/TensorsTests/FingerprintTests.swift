import Tensors
import Testing

struct FingerprintTests {
    /// The values of the test suite that comes with FNV (Noll, draft-eastlake-fnv).
    @Test(
        arguments: [
            ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8),
        ] as [(String, UInt64)])
    func agreesWithThePublishedValues(text: String, expected: UInt64) {
        var byText = Fingerprint()
        byText.add(text)
        #expect(byText.value == expected)
        var bySpan = Fingerprint()
        bySpan.add(Array(text.utf8).span)
        #expect(bySpan.value == expected)
    }

    @Test func aWiderNumberIsNotItsBytes() {
        var (wide, bytes) = (Fingerprint(), Fingerprint())
        wide.add(0x0102)
        bytes.add([2, 1].span)
        #expect(wide.value == (0xcbf2_9ce4_8422_2325 as UInt64 ^ 0x0102) &* 0x0000_0100_0000_01b3)
        #expect(wide.value != bytes.value)
    }
}
