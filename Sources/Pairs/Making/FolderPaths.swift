import Foundation
import Tensors

/// Paths as they are seen from a folder: "../faces/s1/1.png".
///
/// Links to folders are followed first, so that ".." leads where the system goes.
package struct FolderPaths {
    /// The real path of the folder, component by component.
    private let base: [Substring]
    /// What comes before the name of files in each folder that was met.
    private var prefixes: [ArraySlice<UInt8>: [UInt8]] = [:]

    package init(from folder: String) { base = Self.components(Self.real(folder)) }

    /// A file's path from the folder.
    package mutating func path(of file: ArraySlice<UInt8>) -> [UInt8] {
        let name = (file.lastIndex(of: UInt8(ascii: "/")) ?? file.startIndex - 1) + 1
        return prefix(file[..<name]) + file[name...]
    }

    private mutating func prefix(_ folder: ArraySlice<UInt8>) -> [UInt8] {
        if let known = prefixes[folder] { return known }
        let target = Self.components(Self.real(folder.isEmpty ? "." : String(decoding: folder, as: UTF8.self)))
        let common = zip(base, target).prefix { $0 == $1 }.count
        let steps = [Substring](repeating: "..", count: base.count - common) + target[common...]
        let prefix = Array(steps.map { $0 + "/" }.joined().utf8)
        prefixes[folder] = prefix
        return prefix
    }

    private static func components(_ path: String) -> [Substring] { path.split(separator: "/") }

    /// A folder's absolute path without links; what is not there yet follows the real path of what is.
    static func real(_ folder: String) -> String {
        if let path = unsafe realpath(folder, nil) {
            defer { unsafe free(path) }
            return unsafe String(cString: path)
        }
        if folder.hasSuffix("/") { return real(String(folder.dropLast())) }
        let (path, name) = (folder.pathFolder, folder.pathName)
        let parent = real(path.isEmpty ? "." : path)
        switch name {
        case ".": return parent
        case "..": return parent.pathFolder
        default: return parent == "/" ? "/\(name)" : "\(parent)/\(name)"
        }
    }
}
