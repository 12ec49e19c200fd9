import Foundation

/// A folder of its own for one test, removed with it.
final class Scratch {
    let path = FileManager.default.temporaryDirectory.appending(path: "pairs-\(UUID().uuidString)").path

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file into the folder and returns its path.
    @discardableResult
    func write(_ name: String, _ content: some Collection<UInt8>) throws -> String {
        let file = path + "/" + name
        try Data(content).write(to: URL(filePath: file))
        return file
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }
}

/// The bytes of a file.
func bytes(of file: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: file))) }
