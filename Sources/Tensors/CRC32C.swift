/// The cyclic redundancy check of iSCSI (Castagnoli's polynomial, bits reversed), by which TFRecord files protect their
/// records; RFC 3720, appendix B.4.
package enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0x82f6_3b78 : rest >> 1 }
    }

    package static func value(of bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0 as UInt32) { rest, byte in table[Int(UInt8(truncatingIfNeeded: rest) ^ byte)] ^ rest >> 8 }
    }

    /// As TFRecord files hold it, so that a check of data that holds checks means something (tensorflow/lib/hash/crc32c.h).
    package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let check = value(of: bytes)
        return (check >> 15 | check << 17) &+ 0xa282_ead8
    }
}
