package import Foundation
import Synchronization

/// Floats at a 64-byte boundary (a cache line, and the widest vector), zero at first.
///
/// Either owns its memory or is a slice of another storage, which it keeps alive. Large ones come as zero pages straight
/// from the kernel, in huge pages where it has them: nothing is written at set-up, and a walk over 430 MB misses the TLB
/// two hundred times instead of a hundred thousand.
@safe package final class FloatStorage {
    package let count: Int
    private let base: UnsafeMutablePointer<Float>
    private let memory: Memory

    /// Who gives the memory back.
    @safe private enum Memory {
        case slice(of: FloatStorage)
        case heap
        case pages(UnsafeMutableRawPointer, bytes: Int)
    }

    private static let living = Atomic(0)

    /// The bytes of all storages of this process that own their memory, whether written to or not.
    package static var bytesInUse: Int { living.load(ordering: .relaxed) }

    package static let alignment = 64
    private static let hugePage = 2 << 20

    /// - Parameter isShortLived: in ordinary pages: those that are huge must often be made first, by the kernel or by the host of
    ///   a virtual machine (to copy 860 MB then took 0.2 s instead of 0.06 to 0.96 s).
    package init(count: Int, isShortLived: Bool = false) {
        let bytes = Self.bytes(of: count)
        if bytes >= Self.hugePage {
            guard let pages = unsafe Self.mapPages(bytes, huge: !isShortLived) else {
                fatalError(
                    "the system has no \(bytes) bytes of memory left: train with a smaller batch_size, or on more ranks"
                )
            }
            unsafe base = pages.start.bindMemory(to: Float.self, capacity: count)
            unsafe memory = .pages(pages.mapped, bytes: pages.bytes)
        } else {
            let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
            unsafe base = raw.bindMemory(to: Float.self, capacity: max(count, 1))
            unsafe base.initialize(repeating: 0, count: max(count, 1))
            memory = .heap
        }
        self.count = count
        Self.living.add(bytes, ordering: .relaxed)
    }

    /// Whether a storage so large can be had; only an address limit (`ulimit -v`) is in the way of one.
    static func hasRoom(for count: Int) -> Bool {
        let bytes = bytes(of: count)
        guard bytes > 1 << 30 else { return true }
        guard let pages = unsafe mapPages(bytes, huge: false) else { return false }
        unsafe munmap(pages.mapped, pages.bytes)
        return true
    }

    /// Zero pages from a huge page's boundary on, which take memory when they are written to; nil when the kernel has no
    /// addresses to give.
    private static func mapPages(
        _ bytes: Int, huge: Bool
    ) -> (start: UnsafeMutableRawPointer, mapped: UnsafeMutableRawPointer, bytes: Int)? {
        let length = bytes + hugePage
        let mapped = unsafe mmap(
            nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { return nil }
        let start = unsafe mapped.alignedUp(toMultipleOf: hugePage)
        if huge { unsafe madvise(start, bytes, MADV_HUGEPAGE) }
        return unsafe (start, mapped, length)
    }

    /// The floats `offset ..< offset + count` of another storage, shared and not copied.
    package init(sliceOf whole: FloatStorage, offset: Int, count: Int) {
        precondition(
            offset >= 0 && count >= 0 && offset + count <= whole.count,
            "slice \(offset)+\(count) of a storage of \(whole.count)")
        unsafe base = whole.base + offset
        self.count = count
        memory = .slice(of: whole)
    }

    deinit {
        switch memory {
        case .slice: return
        case .heap: unsafe base.deallocate()
        case .pages(let start, let bytes): unsafe munmap(start, bytes)
        }
        Self.living.subtract(Self.bytes(of: count), ordering: .relaxed)
    }

    private static func bytes(of count: Int) -> Int {
        let (bytes, isTooMany) = max(count, 1).multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
        precondition(!isTooMany, "a storage of \(count) floats")
        return bytes
    }

    /// The storage that owns the memory: this one, or the one of which it is a slice.
    package var owner: FloatStorage {
        if case .slice(let whole) = memory { whole.owner } else { self }
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

    /// A short-lived storage of its own with the same floats, made by all threads.
    package func duplicate() -> FloatStorage {
        let copy = FloatStorage(count: count, isShortLived: true)
        nonisolated(unsafe) let (source, target) = unsafe (base, copy.base)
        Threads.parallel(count) { part in
            unsafe (target + part.lowerBound).update(from: source + part.lowerBound, count: part.count)
        }
        return copy
    }

    /// A copy of some of the floats, for files.
    package func array(_ range: Range<Int>) -> [Float] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of a storage of \(count)")
        return unsafe Array(UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// Some of the floats as bytes for a file, not copied: they are what the storage holds when they are read.
    package func bytes(_ range: Range<Int>) -> Data {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of a storage of \(count)")
        let start = unsafe UnsafeMutableRawPointer(base + range.lowerBound)
        // The deallocator keeps the storage alive as long as the bytes.
        return unsafe Data(
            bytesNoCopy: start, count: range.count * MemoryLayout<Float>.stride,
            deallocator: .custom { _, _ in withExtendedLifetime(self) {} })
    }

    /// Puts values in place from `offset` on.
    package func copy(_ values: [Float], at offset: Int = 0) {
        precondition(offset >= 0 && offset + values.count <= count, "\(offset)+\(values.count) of \(count)")
        withMutableSpan { span in for index in values.indices { span[offset + index] = values[index] } }
    }
}
