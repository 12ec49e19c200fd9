import Foundation

extension ImageRows {
    /// Adds the files of a folder that has a folder for each identity; what they are is not looked at.
    ///
    /// Links are followed. Hidden files, files beside the identities' folders and folders inside them are passed over.
    ///
    /// - Parameter view: which view of their identities they are: 0 or 1.
    mutating func add(folder: String, view: Int, passedOver: inout PassedOver) throws(MakingError) {
        let root = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        for identity in try Self.entries(of: root.isEmpty ? "/" : root, &passedOver) {
            let path = Array("\(root)/".utf8) + identity.name
            guard identity.isFolder else {
                passedOver.add(.fileBesideFolders, path)
                continue
            }
            let countBefore = count
            for file in try Self.entries(of: String(decoding: path, as: UTF8.self), &passedOver) {
                let path = path + [UInt8(ascii: "/")] + file.name
                if file.isFolder {
                    passedOver.add(.folderInIdentity, path)
                } else {
                    try add(path: path, identity: identity.name, view: view)
                }
            }
            if count == countBefore { passedOver.add(.emptyFolder, path) }
        }
    }

    private struct Entry {
        let name: [UInt8]
        let isFolder: Bool
    }

    /// What a folder holds and is not hidden, nor a link to nothing, nor without a name in UTF-8; in the order of bytes.
    private static func entries(of folder: String, _ passedOver: inout PassedOver) throws(MakingError) -> [Entry] {
        guard let directory = unsafe opendir(folder) else {
            throw .unreadable(what: "folder", path: folder, reason: unsafe String(cString: strerror(errno)))
        }
        defer { unsafe closedir(directory) }
        var entries: [Entry] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
            if name == Array(".".utf8) || name == Array("..".utf8) { continue }
            let path = Array("\(folder)/".utf8) + name
            if name.first == UInt8(ascii: ".") {
                passedOver.add(.hidden, path)
            } else if String(validating: name, as: UTF8.self) == nil {
                passedOver.add(.notUTF8, path)
            } else if let isFolder = unsafe isFolder(Int(entry.pointee.d_type), path) {
                entries.append(Entry(name: name, isFolder: isFolder))
            } else {
                passedOver.add(.linkToNothing, path)
            }
        }
        return entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// Whether an entry is a folder, or leads to one; nil where it leads to nothing.
    private static func isFolder(_ type: Int, _ path: [UInt8]) -> Bool? {
        if type == Int(DT_REG) { return false }
        if type == Int(DT_DIR) { return true }
        var status = stat()
        guard unsafe stat(String(decoding: path, as: UTF8.self), &status) == 0 else { return nil }
        return status.st_mode & S_IFMT == S_IFDIR
    }
}
