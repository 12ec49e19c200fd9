/// By what a file's bytes are known to be whole: XXH64 with seed 0, some gigabytes a second (`xxhsum -H64` prints it too).
///
/// Source: Collet, "xxHash fast digest algorithm", revision 0.1.1 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
package struct Checksum: Sendable {
    private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
    private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
    private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
    private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5
    private static let stripe = 32

    /// How many bytes have been added.
    package private(set) var count = 0
    private var lanes = (prime1 &+ prime2, prime2, 0 as UInt64, 0 &- prime1)
    /// Fewer bytes than a stripe, which wait for the next.
    private var rest: [UInt8] = []

    package init() {}

    package init(of bytes: Span<UInt8>) {
        self.init()
        add(bytes)
    }

    /// Adds bytes; how they are cut into pieces makes no difference.
    package mutating func add(_ bytes: Span<UInt8>) {
        count += bytes.count
        var start = 0
        if !rest.isEmpty {
            start = min(Self.stripe - rest.count, bytes.count)
            for offset in 0..<start { rest.append(bytes[offset]) }
            guard rest.count == Self.stripe else { return }
            let stripe = rest
            rest = []
            addStripes(stripe.span)
        }
        let end = start + (bytes.count - start) / Self.stripe * Self.stripe
        addStripes(bytes.extracting(start..<end))
        for offset in end..<bytes.count { rest.append(bytes[offset]) }
    }

    /// The checksum of all that was added so far.
    package var value: UInt64 {
        var hash = Self.prime5
        if count >= Self.stripe {
            hash = Self.rotate(lanes.0, 1) &+ Self.rotate(lanes.1, 7) &+ Self.rotate(lanes.2, 12)
            hash = hash &+ Self.rotate(lanes.3, 18)
            for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
                hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
            }
        }
        hash = hash &+ UInt64(count)
        addRest(to: &hash)
        hash = (hash ^ hash >> 33) &* Self.prime2
        hash = (hash ^ hash >> 29) &* Self.prime3
        return hash ^ hash >> 32
    }

    private mutating func addStripes(_ stripes: Span<UInt8>) {
        let bytes = unsafe stripes.bytes
        var (a, b, c, d) = lanes
        for offset in stride(from: 0, to: bytes.byteCount, by: Self.stripe) {
            a = Self.round(a, Self.word(bytes, offset))
            b = Self.round(b, Self.word(bytes, offset + 8))
            c = Self.round(c, Self.word(bytes, offset + 16))
            d = Self.round(d, Self.word(bytes, offset + 24))
        }
        lanes = (a, b, c, d)
    }

    private func addRest(to hash: inout UInt64) {
        let bytes = unsafe rest.span.bytes
        var offset = 0
        while bytes.byteCount - offset >= 8 {
            hash = Self.rotate(hash ^ Self.round(0, Self.word(bytes, offset)), 27) &* Self.prime1 &+ Self.prime4
            offset += 8
        }
        if bytes.byteCount - offset >= 4 {
            let half = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian
            hash = Self.rotate(hash ^ UInt64(half) &* Self.prime1, 23) &* Self.prime2 &+ Self.prime3
            offset += 4
        }
        for byte in rest[offset...] { hash = Self.rotate(hash ^ UInt64(byte) &* Self.prime5, 11) &* Self.prime1 }
    }

    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* prime2, 31) &* prime1
    }

    private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 { word << bits | word >> (64 - bits) }

    private static func word(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
        unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
    }
}
