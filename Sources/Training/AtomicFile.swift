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
        try Draft(of: path, body).publish()
    }

    /// A file that is whole and on the disk, but not yet under its name.
    struct Draft {
        /// The temporary name ends with this and the number of the process that writes.
        static let mark = ".tmp-"

        private let path: String
        private var temporary: String { "\(path)\(Self.mark)\(ProcessInfo.processInfo.processIdentifier)" }

        /// Writes it; leaves nothing when that fails.
        init(of path: String, _ body: (_ append: @escaping (Data) throws -> Void) throws -> Void) throws {
            self.path = path
            let temporary = temporary
            let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw FileError.system("write", temporary) }
            do {
                defer { close(descriptor) }
                try body { try append($0, to: descriptor, path: temporary) }
                guard fsync(descriptor) == 0 else { throw FileError.system("sync to disk", temporary) }
            } catch {
                discard()
                throw error
            }
        }

        /// Gives it its name, in place of what was there.
        func publish() throws {
            guard unsafe rename(temporary, path) == 0 else {
                let error = FileError.system("rename \(temporary) to", path)
                discard()
                throw error
            }
            try syncDirectory(of: path)
        }

        func discard() { unsafe unlink(temporary) }
    }

    /// Finds out before training starts whether files of this prefix can be written.
    package static func probe(prefix: String) throws {
        try makeFolder(of: prefix)
        let path = "\(prefix).write-probe"
        try write(to: path) { append in try append(Data("TwoTower can write here.\n".utf8)) }
        unsafe unlink(path)
    }

    /// Makes the folder in which files of this prefix go, with those above it.
    package static func makeFolder(of prefix: String) throws {
        let directory = folder(of: prefix)
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw FileError("make the directory", directory, reason: error.localizedDescription)
        }
    }

    /// How many bytes there is room for beside a file; nil where the system does not say.
    package static func freeBytes(beside path: String) -> Int? {
        var system = statvfs()
        guard unsafe statvfs(folder(of: path), &system) == 0 else { return nil }
        return Int(clamping: UInt64(system.f_bavail) * UInt64(system.f_frsize))
    }

    private static func folder(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    private static let piece = 32 << 20

    private static func append(_ data: Data, to descriptor: Int32, path: String) throws {
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        for start in stride(from: 0, to: data.count, by: piece) {
            do {
                try file.write(contentsOf: data.dropFirst(start).prefix(piece))
            } catch {
                throw FileError("write", path, reason: FileError.reason(of: error))
            }
            // Piece by piece, so that a slow disk is seen to get on, and the last sync is a short one.
            if data.count > piece, fdatasync(descriptor) != 0 { throw FileError.system("sync to disk", path) }
            Activity.tick()
        }
    }

    private static func syncDirectory(of path: String) throws {
        let directory = folder(of: path)
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.system("open the directory", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw FileError.system("sync to disk the directory", directory)
        }
    }
}
