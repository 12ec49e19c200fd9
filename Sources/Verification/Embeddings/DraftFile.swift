import Foundation
import Tensors

/// A file being written under a temporary name beside its own, which it gets when it is whole and on the disk.
///
/// A crash at any instant leaves what stood under its name before. What is not published is removed.
final class DraftFile {
    private let path: String
    private let temporary: String
    private let descriptor: Int32
    private var isOpen = true

    init(_ path: String) throws(EmbeddingError) {
        self.path = path
        temporary = "\(path).tmp-\(ProcessInfo.processInfo.processIdentifier)"
        descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            isOpen = false
            throw Self.fault(path, "write it")
        }
    }

    deinit { discard() }

    /// Writes bytes behind those that are there.
    func append(_ bytes: UnsafeRawBufferPointer) throws(EmbeddingError) {
        precondition(isOpen, "\(path) is published")
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            let part = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(Self.piece))
            let written = unsafe write(descriptor, part.baseAddress, part.count)
            if written < 0 && errno == EINTR { continue }
            guard written >= 0 else { throw Self.fault(path, "write it") }
            unsafe rest = rest.dropFirst(written)
            Activity.tick()
        }
    }

    func append(_ bytes: [UInt8]) throws(EmbeddingError) {
        let result = unsafe bytes.withUnsafeBytes { bytes in
            Result { () throws(EmbeddingError) in try unsafe append(bytes) }
        }
        try result.get()
    }

    /// Gives it its name, in place of what was there.
    func publish() throws(EmbeddingError) {
        precondition(isOpen, "\(path) is published")
        guard fsync(descriptor) == 0 else { throw Self.fault(path, "sync it to the disk") }
        guard unsafe rename(temporary, path) == 0 else { throw Self.fault(path, "rename \(temporary) to it") }
        close(descriptor)
        isOpen = false
        try syncFolder()
    }

    private func discard() {
        guard isOpen else { return }
        close(descriptor)
        unsafe unlink(temporary)
        isOpen = false
    }

    /// So that the new name lasts.
    private func syncFolder() throws(EmbeddingError) {
        let folder = unsafe open(
            URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.fault(path, "open its folder") }
        defer { close(folder) }
        guard fsync(folder) == 0 || errno == EINVAL else { throw Self.fault(path, "sync its folder to the disk") }
    }

    private static let piece = 32 << 20

    private static func fault(_ path: String, _ action: String) -> EmbeddingError {
        EmbeddingError(path: path, problem: "can't \(action): \(unsafe String(cString: strerror(errno)))")
    }
}
