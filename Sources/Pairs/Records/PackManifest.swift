import Foundation

/// What a packed database is to hold, in a file of its own beside data.mdb, which Caffe passes over.
struct PackManifest: Codable, Equatable {
    /// How many pairs there will be.
    var count: Int
    /// The lists that they come from.
    var listFingerprint: UInt64
    var lists: Int
    var channels: Int
    var height: Int
    var width: Int

    private static func file(in folder: String) -> URL { URL(filePath: folder).appending(path: "twotower-pack.json") }

    /// The manifest of a database, or nil where `twotower pack` did not make it.
    static func read(in folder: String) throws(RecordError) -> PackManifest? {
        guard let content = try? Data(contentsOf: file(in: folder)) else { return nil }
        do {
            return try JSONDecoder().decode(PackManifest.self, from: content)
        } catch {
            throw RecordError(path: folder, problem: "\(file(in: folder).lastPathComponent) can't be read: \(error)")
        }
    }

    func write(in folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(self).write(to: Self.file(in: folder), options: .atomic)
    }
}
