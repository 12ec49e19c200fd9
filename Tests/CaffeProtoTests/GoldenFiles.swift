import Foundation

/// What the original Caffe computed, under Tests/Golden.
enum GoldenFiles {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Golden").standardizedFileURL

    static func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

    /// All files below whose name ends so, by path from the folder.
    static func all(endingWith suffix: String) -> [String] {
        let names = FileManager.default.enumerator(atPath: folder.path(percentEncoded: false))
        return (names?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(suffix) }.sorted()
    }
}

/// Runs a body with a file of these bytes, which is gone afterwards.
func withFile<Result>(_ bytes: some Sequence<UInt8>, _ body: (String) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appending(path: "CaffeProtoTests-\(UUID().uuidString)")
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path(percentEncoded: false))
}
