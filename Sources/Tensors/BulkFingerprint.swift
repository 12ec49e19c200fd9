import Synchronization

/// A 64-bit hash of much memory, as fast as memory is read: of weights, which ranks compare, and of the program.
///
/// Made of pieces of a fixed size, so that it does not depend on the number of threads. Any change of one word changes it,
/// since each word goes through a bijection; two changes go unseen by chance only, one in 2⁶⁴. For comparing what runs at
/// the same time: files keep `Fingerprint`.
package enum BulkFingerprint {
    /// Bytes that one thread takes at a time.
    private static let piece = 1 << 20

    /// Of some floats, as bits: −0 differs from 0.
    package static func of(_ storage: FloatStorage, _ range: Range<Int>) -> UInt64 {
        precondition(range.lowerBound >= 0 && range.upperBound <= storage.count, "\(range) of \(storage.count)")
        return unsafe of(
            UnsafeRawBufferPointer(UnsafeBufferPointer(start: storage.pointer + range.lowerBound, count: range.count)))
    }

    /// Of any bytes; on all threads.
    package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let pieces = (bytes.count + piece - 1) / piece
        let hashes = Mutex([UInt64](repeating: 0, count: pieces))
        nonisolated(unsafe) let bytes = unsafe bytes
        Threads.parallel(pieces, grain: 1) { part in
            for index in part {
                let range = unsafe index * piece..<min((index + 1) * piece, bytes.count)
                let hash = unsafe ofPiece(UnsafeRawBufferPointer(rebasing: bytes[range]))
                hashes.withLock { $0[index] = hash }
            }
        }
        return hashes.withLock { $0.reduce(unsafe UInt64(bytes.count), mix) }
    }

    /// Four chains side by side, since each product must wait for the one before it in its chain.
    private static func ofPiece(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var (a, b, c, d) = (UInt64(1), UInt64(2), UInt64(3), UInt64(4))
        let whole = bytes.count / 32 * 32
        var start = 0
        while start < whole {
            a = unsafe mix(a, bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
            b = unsafe mix(b, bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self))
            c = unsafe mix(c, bytes.loadUnaligned(fromByteOffset: start + 16, as: UInt64.self))
            d = unsafe mix(d, bytes.loadUnaligned(fromByteOffset: start + 24, as: UInt64.self))
            start += 32
        }
        for index in whole..<bytes.count { a = unsafe mix(a, UInt64(bytes[index])) }
        return mix(mix(mix(a, b), c), d)
    }

    /// One to one in each argument while the other stays.
    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
        return product << 29 | product >> 35
    }
}
