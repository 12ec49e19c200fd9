import Testing
import Training

struct ByteCountTests {
    @Test(arguments: [
        ("2GB", 2_000_000_000), ("500MB", 500_000_000), ("500 MB", 500_000_000), ("1GiB", 1 << 30), ("64kb", 64_000),
        ("1.5KiB", 1536), ("3tib", 3 << 40), ("1TB", 1_000_000_000_000), ("0MB", 0), ("10B", 10), ("2MiB", 2 << 20),
    ])
    func amounts(text: String, bytes: Int) throws {
        #expect(try ByteCount(text).bytes == bytes)
    }

    @Test(arguments: [
        "", "GB", "2", "2G", "-2GB", "2 GB more", "1e3MB", "two GB", "1.2.3GB", "9999999999TB", "nanGB", "2,5GB",
    ])
    func whatIsNone(text: String) {
        let error = #expect(throws: ByteCount.Malformed.self) { try ByteCount(text) }
        #expect(
            error?.description == """
                "\(text)" is no amount of memory; write a number and a unit (kB, MB, GB, TB, or KiB, MiB, GiB, TiB), \
                as in 2GB or 500MiB
                """)
    }
}
