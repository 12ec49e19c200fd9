internal import Foundation

/// An open file that is read piece by piece, at any offset.
///
/// Read and not memory-mapped: a fault of the disk or of a network file system then is an error and no signal.
final class InputFile {
    let path: String
    let kind: CaffeFile.Kind
    /// In bytes.
    let size: Int
    private let descriptor: Int32

    /// Opens a regular file, or what can be read like one.
    init(_ path: String, as kind: CaffeFile.Kind) throws(CaffeFileError) {
        self.path = path
        self.kind = kind
        // Without O_NONBLOCK a pipe without a writer would be waited for, instead of refused.
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw CaffeFileError(path, as: kind, "cannot be opened: \(Self.reason)") }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let reason = Self.reason
            close(descriptor)
            throw CaffeFileError(path, as: kind, "cannot be read: \(reason)")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw CaffeFileError(
                path, as: kind, "is a \(status.st_mode & S_IFMT == S_IFDIR ? "folder" : "device"), no file")
        }
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// The bytes `offset ..< offset + count`, which must lie inside the file.
    func read(at offset: Int, count: Int) throws(CaffeFileError) -> [UInt8] {
        var failure: String?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let got = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
                if got > 0 {
                    filled += got
                } else if got == 0 || errno != EINTR {
                    failure = got == 0 ? "it has become shorter while it was read" : Self.reason
                    return
                }
            }
        }
        if let failure { throw CaffeFileError(path, as: kind, at: UInt64(offset), "cannot be read: \(failure)") }
        return bytes
    }

    /// Throws when the first bytes show another kind of file.
    func checkKind(among allowed: [CaffeFile.Kind]) throws(CaffeFileError) {
        let actual = CaffeFile.kind(ofFirst: try read(at: 0, count: min(size, 4096)))
        if !allowed.contains(actual) { throw CaffeFileError(path, as: kind, but: actual) }
    }

    private static var reason: String { unsafe String(cString: strerror(errno)) }
}
