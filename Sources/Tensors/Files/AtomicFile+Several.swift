package import Foundation

extension AtomicFile {
    /// One of several files.
    package struct Part {
        package let name: String
        package let write: (_ append: @escaping (Data) throws -> Void) throws -> Void

        package init(name: String, write: @escaping (_ append: @escaping (Data) throws -> Void) throws -> Void) {
            self.name = name
            self.write = write
        }
    }

    /// Writes several files into a folder, which is made: all of them, or none.
    ///
    /// Each gets its name only when all are whole and on the disk.
    package static func write(_ parts: [Part], to folder: String) throws {
        try makeFolder(of: "\(folder)/\(parts.first?.name ?? "none")")
        for path in parts.map({ "\(folder)/\($0.name)" }) {
            var isFolder: ObjCBool = false
            guard unsafe !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) || !isFolder.boolValue
            else { throw FileError("write", path, reason: "there is a folder of this name") }
        }
        let drafts = try parts.map { try DraftFile("\(folder)/\($0.name)", $0.write) }
        for draft in drafts { try draft.publish() }
    }

    /// Makes sure that nothing is overwritten.
    ///
    /// - Throws: `FileError` for the first of the names that a folder has already.
    package static func refuse(_ names: [String], in folder: String, hint: String) throws {
        for path in names.map({ "\(folder)/\($0)" }) where FileManager.default.fileExists(atPath: path) {
            throw FileError("write", path, reason: "it is there already; \(hint)")
        }
    }
}
