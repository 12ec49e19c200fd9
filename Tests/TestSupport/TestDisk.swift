import Foundation

/// A small disk of its own in memory, to fill or to write-protect; only root may mount one.
package final class TestDisk: Sendable {
    /// Whether this machine lets the tests mount one; containers often do not.
    package static let isPossible = (try? TestDisk(kilobytes: 16)) != nil

    private let folder: ScratchDirectory

    package var path: String { folder.path }

    private struct MountFailed: Error {}

    package init(kilobytes: Int) throws {
        folder = try ScratchDirectory("disk")
        let mounted = try Command.run("mount", ["-t", "tmpfs", "-o", "size=\(kilobytes)k", "none", folder.path])
        guard mounted.status == 0 else { throw MountFailed() }
    }

    /// Forbids every further write, even to root.
    package func protect() throws {
        guard try Command.run("mount", ["-o", "remount,ro", path]).status == 0 else { throw MountFailed() }
    }

    deinit { _ = try? Command.run("umount", [folder.path]) }
}
