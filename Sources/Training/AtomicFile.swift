package import Foundation
import Tensors

/// A fault of the file system: what was to be done, with which file, and the system's own reason.
package struct FileError: Error, CustomStringConvertible {
    package let action: String
    package let path: String
    package let reason: String

    package init(_ action: String, _ path: String, reason: String) {
        self.action = action
        self.path = path
        self.reason = reason
    }

    /// With the reason of the C library's last error.
    static func system(_ action: String, _ path: String) -> FileError {
        FileError(action, path, reason: unsafe String(cString: strerror(errno)))
    }

    /// The system's own words where Foundation wraps them ("No space left on device").
    static func reason(of error: any Error) -> String {
        let inner = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
        guard inner.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
        return unsafe String(cString: strerror(Int32(inner.code)))
    }

    package var description: String { "can't \(action) \(path): \(reason)" }
}

/// Writes a file so that under its name stands either the whole of it or what was there before.
///
/// Written to a temporary name beside it, synced to the disk, renamed, and the directory synced: a crash at any instant
/// leaves no half-written file.
package enum AtomicFile {
    package static func write(to path: String, _ body: (_ append: @escaping (Data) throws -> Void) throws -> Void)
        throws
    {
        let temporary = "\(path).tmp-\(ProcessInfo.processInfo.processIdentifier)"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError.system("write", temporary) }
        do {
            defer { close(descriptor) }
            try body { try append($0, to: descriptor, path: temporary) }
            guard fsync(descriptor) == 0 else { throw FileError.system("sync to disk", temporary) }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        guard unsafe rename(temporary, path) == 0 else {
            let error = FileError.system("rename \(temporary) to", path)
            unsafe unlink(temporary)
            throw error
        }
        try syncDirectory(of: path)
    }

    /// Finds out before training starts whether files of this prefix can be written.
    package static func probe(prefix: String) throws {
        let directory = URL(fileURLWithPath: prefix).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw FileError("make the directory", directory, reason: error.localizedDescription)
        }
        let path = "\(prefix).write-probe"
        try write(to: path) { append in try append(Data("TwoTower can write here.\n".utf8)) }
        unsafe unlink(path)
    }

    private static func append(_ data: Data, to descriptor: Int32, path: String) throws {
        do {
            try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: data)
            Activity.tick()
        } catch {
            throw FileError("write", path, reason: FileError.reason(of: error))
        }
    }

    private static func syncDirectory(of path: String) throws {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.system("open the directory", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw FileError.system("sync to disk the directory", directory)
        }
    }
}
