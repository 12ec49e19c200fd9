/// Floats on a wire of half the width: the upper 16 bits of a float32, rounded to the nearest, ties to even.
enum BFloat16 {
    @inline(__always)
    static func bits(of value: Float) -> UInt16 {
        let bits = value.bitPattern
        // A NaN stays one, whatever its payload.
        if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
        return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
    }

    @inline(__always)
    static func value(of bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    static func rounded(_ value: Float) -> Float { Self.value(of: bits(of: value)) }
}
