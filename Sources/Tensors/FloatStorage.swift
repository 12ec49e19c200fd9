/// Floats at a 64-byte boundary (a cache line, and the widest vector), zero at first.
///
/// Either owns its memory or is a slice of another storage, which it keeps alive.
@safe package final class FloatStorage {
    package let count: Int
    private let base: UnsafeMutablePointer<Float>
    private let owner: FloatStorage?

    package static let alignment = 64

    package init(count: Int) {
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
        unsafe base = raw.bindMemory(to: Float.self, capacity: max(count, 1))
        unsafe base.initialize(repeating: 0, count: max(count, 1))
        self.count = count
        owner = nil
    }

    /// The floats `offset ..< offset + count` of another storage, shared and not copied.
    package init(sliceOf whole: FloatStorage, offset: Int, count: Int) {
        precondition(
            offset >= 0 && count >= 0 && offset + count <= whole.count,
            "slice \(offset)+\(count) of a storage of \(whole.count)")
        unsafe base = whole.base + offset
        self.count = count
        owner = whole
    }

    deinit {
        if owner == nil { unsafe base.deallocate() }
    }

    /// For calls into C only; valid as long as the storage lives.
    @unsafe package var pointer: UnsafeMutablePointer<Float> { unsafe base }

    package func withSpan<R, E: Error>(_ body: (Span<Float>) throws(E) -> R) throws(E) -> R {
        try unsafe body(Span(_unsafeStart: UnsafePointer(base), count: count))
    }

    package func withMutableSpan<R, E: Error>(_ body: (inout MutableSpan<Float>) throws(E) -> R) throws(E) -> R {
        var span = unsafe MutableSpan(_unsafeStart: base, count: count)
        return try body(&span)
    }

    package func fill(_ value: Float) {
        unsafe base.update(repeating: value, count: count)
    }

    /// A copy of some of the floats, for files.
    package func array(_ range: Range<Int>) -> [Float] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of a storage of \(count)")
        return unsafe Array(UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// Puts values in place from `offset` on.
    package func copy(_ values: [Float], at offset: Int = 0) {
        precondition(offset >= 0 && offset + values.count <= count, "\(offset)+\(values.count) of \(count)")
        values.withUnsafeBufferPointer { source in
            if let start = unsafe source.baseAddress { unsafe (base + offset).update(from: start, count: source.count) }
        }
    }
}
