import Dispatch
import Foundation
import Synchronization
import Tensors

/// What a file is found to be without decoding it; small, since there may be millions.
struct FileFacts: Sendable, Equatable {
    enum State: UInt8, Sendable {
        case image, notImage, missing, unreadable
    }

    /// By what files are known to be one: the same file under another name, or the same bytes in another file.
    struct Key: Hashable, Sendable {
        let a: UInt64
        let b: UInt64
    }

    var state = State.image
    /// The system's number of why it can't be read.
    var reason: Int32 = 0
    /// Device, inode and size: links to one file have them in common.
    var file = Key(a: 0, b: 0)
    /// Checksum and size of the content, where it was asked for.
    var content: Key?

    /// Looks at some files in parallel, in order.
    ///
    /// - Parameters:
    ///   - withContent: whether to read all of each file for its checksum, and not its beginning only.
    ///   - progress: told how many are done.
    static func of(
        count: Int, withContent: Bool, path: @Sendable (Int) -> String, progress: (_ done: Int) -> Void
    ) -> [FileFacts] {
        var all: [FileFacts] = []
        all.reserveCapacity(count)
        let (chunk, parts) = (8192, 16)
        for start in stride(from: 0, to: count, by: chunk) {
            let range = start..<min(start + chunk, count)
            let found = Mutex([[FileFacts]](repeating: [], count: parts))
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                let share = range.count * part / parts..<range.count * (part + 1) / parts
                let buffer = FileBuffer()
                let facts = share.map { FileFacts(path(start + $0), withContent: withContent, buffer) }
                found.withLock { $0[part] = facts }
            }
            all += found.withLock { $0.flatMap(\.self) }
            progress(range.upperBound)
        }
        return all
    }

    init(_ path: String, withContent: Bool, _ buffer: FileBuffer = FileBuffer()) {
        Activity.tick()
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            (state, reason) = (errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable, errno)
            return
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            state = .notImage
            return
        }
        file = Key(a: UInt64(status.st_ino), b: UInt64(status.st_dev) << 40 ^ UInt64(status.st_size))
        do {
            let start = withContent ? try whole(path, buffer) : try Self.beginning(of: path)
            if case .other = FileKind(start) { state = .notImage }
        } catch {
            (state, reason) = (.unreadable, error.code ?? EIO)
        }
    }

    /// Reads all of a file for its checksum, and gives the beginning.
    private mutating func whole(_ path: String, _ buffer: FileBuffer) throws(FileBuffer.Failure) -> [UInt8] {
        try buffer.read([path], limit: FileBuffer.imageLimit)
        let bytes = unsafe buffer.bytes.bindMemory(to: UInt8.self)
        let sum = unsafe Checksum(of: Span(_unsafeElements: bytes)).value
        content = Key(a: sum, b: UInt64(buffer.count))
        return buffer.prefix(FileKind.prefix)
    }

    private static func beginning(of path: String) throws(FileBuffer.Failure) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .init(code: errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: FileKind.prefix)
        let got = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        guard got >= 0 else { throw .init(code: errno) }
        return Array(bytes.prefix(got))
    }
}
