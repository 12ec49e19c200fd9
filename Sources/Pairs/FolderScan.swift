import Foundation
import Tensors

/// Tells which images of a list are surely there by reading folders instead of asking for each file, which takes far
/// longer, above all where the system must fetch what it is asked for from a disk or a server.
struct FolderScan {
    private let paths: PackedStrings
    private let rootFolder: String
    private let search: PathSearch

    /// A folder with fewer images is not worth reading.
    private static let fewImages = 8
    /// Nor is the rest of one that has so many times as many entries as images.
    private static let surplus = 8

    /// Some images of one folder.
    private struct Folder {
        /// Where its path stands in the bytes of all paths; ends with a slash, or is empty.
        let path: Range<Int>
        var images: [Int] = []
    }

    init(_ paths: PackedStrings, rootFolder: String, search: PathSearch) {
        self.paths = paths
        self.rootFolder = rootFolder
        self.search = search
    }

    /// The images, ascending, that no folder is known to list as a regular file: those to be asked for one by one.
    func unlisted() -> [Int] {
        guard rootFolder.isEmpty || rootFolder.hasSuffix("/") else { return Array(0..<paths.count) }
        var isListed = [Bool](repeating: false, count: paths.count)
        for folder in folders() where folder.images.count >= Self.fewImages {
            let names = names(in: folder)
            Activity.tick()
            for image in folder.images {
                let path = paths.range(image)
                let name = path.lowerBound + folder.path.count..<path.upperBound
                isListed[image] = names.contains(Fingerprint(of: paths.bytes.span.extracting(name)).value)
            }
        }
        return isListed.indices.filter { !isListed[$0] }
    }

    /// The folders with their images.
    private func folders() -> [Folder] {
        var folders: [Folder] = []
        var numbers: [UInt64: Int] = [:]
        let bytes = paths.bytes.span
        for image in 0..<paths.count {
            var path = paths.range(image)
            while let last = path.last, bytes[last] != UInt8(ascii: "/") { path.removeLast() }
            let hash = Fingerprint(of: bytes.extracting(path)).value
            let number = numbers[hash, default: folders.count]
            if number == folders.count {
                numbers[hash] = number
                folders.append(Folder(path: path))
            } else if !paths.bytes[path].elementsEqual(paths.bytes[folders[number].path]) {
                continue  // Another folder has its hash: it is not read.
            }
            folders[number].images.append(image)
        }
        return folders
    }

    /// The hashes of the names of a folder's regular files, wherever it may begin.
    ///
    /// Two names in 2⁶⁴ have one hash; a file that is not there might be missed so, and is found when it is to be decoded.
    private func names(in folder: Folder) -> Set<UInt64> {
        var names: Set<UInt64> = []
        var entries = Self.surplus * folder.images.count
        let path = rootFolder + String(decoding: paths.bytes[folder.path], as: UTF8.self)
        for candidate in search.candidates(path.isEmpty ? "." : path) {
            guard let directory = unsafe opendir(candidate) else { continue }
            defer { unsafe closedir(directory) }
            while entries > 0, let entry = unsafe readdir(directory) {
                entries -= 1
                guard unsafe Int(entry.pointee.d_type) == Int(DT_REG) else { continue }
                unsafe withUnsafeBytes(of: &entry.pointee.d_name) { name in
                    let name = unsafe UnsafeRawBufferPointer(rebasing: name.prefix { $0 != 0 })
                    unsafe names.insert(Fingerprint(of: Span(_unsafeElements: name.bindMemory(to: UInt8.self))).value)
                }
            }
        }
        return names
    }
}
