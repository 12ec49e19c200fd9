package import Foundation

/// Writes a file so that under its name stands either the whole of it or what was there before.
///
/// Written to a temporary name beside it, synced to the disk, renamed, and the directory synced: a crash at any instant
/// leaves no half-written file.
package enum AtomicFile {
    package static func write(to path: String, _ body: (_ append: @escaping (Data) throws -> Void) throws -> Void)
        throws
    {
        try DraftFile(path, body).publish()
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

    static func folder(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }
}
