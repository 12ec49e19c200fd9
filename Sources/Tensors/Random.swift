/// Random numbers as a pure function of (seed, what for, position, index): the Philox4x32-10 generator.
///
/// Nothing is drawn in sequence, so a number belongs to its sample and not to the rank or thread that asks for it:
/// any number of ranks gets the same dropout mask, crop, mirror and order of pairs.
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
package struct Random: Sendable {
    private let key: SIMD2<UInt32>

    /// A stream of its own for each seed and purpose ("dropout drop6", "order 3", "filler conv1 0").
    package init(seed: UInt64, purpose: String) {
        // The purpose's fingerprint, then a SplitMix64 finisher mixes in the seed.
        var hash = Fingerprint()
        hash.add(purpose)
        let mixed = Self.mix(hash.value ^ Self.mix(seed &+ 0x9e37_79b9_7f4a_7c15))
        key = SIMD2(UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// For the published test vectors: the raw key.
    package init(key: SIMD2<UInt32>) { self.key = key }

    /// 128 random bits for a position (the sample) and an index inside it.
    @inline(__always)
    package func bits(position: UInt64, index: UInt64 = 0) -> SIMD4<UInt32> {
        // Scalars, since vectors of four would be taken apart for each product anyway.
        var (x, y) = (UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32))
        var (z, w) = (UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32))
        var (k0, k1) = (key.x, key.y)
        for _ in 0..<10 {
            let p0 = UInt64(0xd251_1f53) &* UInt64(x)
            let p1 = UInt64(0xcd9e_8d57) &* UInt64(z)
            (x, y) = (UInt32(truncatingIfNeeded: p1 >> 32) ^ y ^ k0, UInt32(truncatingIfNeeded: p1))
            (z, w) = (UInt32(truncatingIfNeeded: p0 >> 32) ^ w ^ k1, UInt32(truncatingIfNeeded: p0))
            (k0, k1) = (k0 &+ 0x9e37_79b9, k1 &+ 0xbb67_ae85)
        }
        return SIMD4(x, y, z, w)
    }

    /// Uniform in 0 ..< 1 with 24 random bits.
    @inline(__always)
    package static func unit(_ bits: UInt32) -> Float {
        Float(bits >> 8) * 0x1p-24
    }

    /// Uniform in 0 ..< bound, without bias worth the name (64 random bits).
    package func integer(below bound: Int, position: UInt64, index: UInt64 = 0) -> Int {
        let block = bits(position: position, index: index)
        let wide = UInt64(block.x) | UInt64(block.y) << 32
        return Int(wide.multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// The numbers 0 ..< count in random order (Fisher and Yates).
    package func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(last, integer(below: last + 1, position: UInt64(last)))
        }
        return order
    }
}
