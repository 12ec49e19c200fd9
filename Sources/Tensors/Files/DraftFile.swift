package import Foundation

/// A file that is being written, or is whole and on the disk, but is not yet under its name.
///
/// It stands under a temporary name beside its own; one that is let go before `publish` leaves nothing.
package final class DraftFile {
    /// The temporary name ends with this and the number of the process that writes.
    package static let mark = ".tmp-"
    private static let piece = 32 << 20

    private let path: String
    private let temporary: String
    private var descriptor: Int32
    private var isPublished = false

    /// Creates the file under its temporary name.
    package init(_ path: String) throws {
        self.path = path
        temporary = "\(path)\(Self.mark)\(ProcessInfo.processInfo.processIdentifier)"
        descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError.system("write", temporary) }
    }

    /// The whole of a file; leaves nothing when writing it fails.
    package convenience init(_ path: String, _ body: (_ append: @escaping (Data) throws -> Void) throws -> Void) throws
    {
        try self.init(path)
        try body { try self.append($0) }
        try seal()
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if !isPublished { unsafe unlink(temporary) }
    }

    /// Writes bytes behind those that are there.
    package func append(_ data: Data) throws {
        precondition(descriptor >= 0, "\(path) is whole already")
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        for start in stride(from: 0, to: data.count, by: Self.piece) {
            do {
                try file.write(contentsOf: data.dropFirst(start).prefix(Self.piece))
            } catch {
                throw FileError("write", temporary, reason: FileError.reason(of: error))
            }
            // Piece by piece, so that a slow disk is seen to get on, and the last sync is a short one.
            if data.count > Self.piece, fdatasync(descriptor) != 0 {
                throw FileError.system("sync to disk", temporary)
            }
            Activity.tick()
        }
    }

    /// Writes over the first bytes, of which there must be as many.
    package func replaceStart(by data: Data) throws {
        precondition(descriptor >= 0, "\(path) is whole already")
        let count = unsafe data.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        guard count == data.count else { throw FileError.system("write", temporary) }
    }

    /// Makes sure that all of it is on the disk; nothing can be appended any more.
    package func seal() throws {
        guard descriptor >= 0 else { return }
        guard fsync(descriptor) == 0 else { throw FileError.system("sync to disk", temporary) }
        close(descriptor)
        descriptor = -1
    }

    /// Gives it its name, in place of what was there.
    package func publish() throws {
        try seal()
        guard unsafe rename(temporary, path) == 0 else { throw FileError.system("rename \(temporary) to", path) }
        isPublished = true
        try syncDirectory()
    }

    /// So that the new name lasts.
    private func syncDirectory() throws {
        let directory = AtomicFile.folder(of: path)
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.system("open the directory", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw FileError.system("sync to disk the directory", directory)
        }
    }
}
