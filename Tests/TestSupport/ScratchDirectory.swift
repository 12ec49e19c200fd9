package import Foundation

/// A folder of its own for one test, removed with it.
package final class ScratchDirectory: Sendable {
    package let path: String

    package init(_ purpose: String = "test") throws {
        path = FileManager.default.temporaryDirectory.appending(path: "twotower-\(purpose)-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it, which need not be there.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, with its folders, and returns its path.
    @discardableResult
    package func write(_ name: String, _ content: Data) throws -> String {
        try makeFolder(of: name)
        try content.write(to: URL(filePath: file(name)))
        return file(name)
    }

    @discardableResult
    package func write(_ name: String, _ text: String) throws -> String { try write(name, Data(text.utf8)) }

    /// Puts a symbolic link to another place into it.
    package func link(_ name: String, to target: String) throws {
        try makeFolder(of: name)
        try FileManager.default.createSymbolicLink(atPath: file(name), withDestinationPath: target)
    }

    package func text(of name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }

    package func data(of name: String) throws -> Data { try Data(contentsOf: URL(filePath: file(name))) }

    package func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

    /// The names of what is in it, sorted.
    package var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    private func makeFolder(of name: String) throws {
        let folder = (file(name) as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
}
