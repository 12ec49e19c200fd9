import Foundation
import Tensors

/// The images of lists that a training must not see, such as those of an earlier test.
package struct ExcludedImages {
    private let lists: [String]
    /// Where relative paths may begin besides the working directory and the list's folder.
    private let root: String?

    /// - Parameter lists: files with a line `path number` an image.
    package init(_ lists: [String], root: String? = nil) {
        (self.lists, self.root) = (lists, root)
    }

    /// Makes sure that none of them is in a split: not as the same file, nor, where contents are known, as the same bytes.
    ///
    /// - Throws: `MakingError.leak` for the first that is, `MakingError.missing` for one that is not found, and
    ///   `PairListError`.
    package func check(_ collection: ImageCollection, _ part: IdentitySplit.Part) throws {
        let table = collection.table
        precondition(collection.facts.count == table.imageCount, "images that were not looked at")
        let isSplit = Set(part.identities)
        var (files, contents): ([FileFacts.Key: Int], [FileFacts.Key: Int]) = ([:], [:])
        for image in 0..<table.imageCount where isSplit.contains(table.identity(of: image)) {
            files[collection.facts[image].file] = image
            if let content = collection.facts[image].content { contents[content] = image }
        }
        for list in lists {
            let paths = try ListFile(list, search: PathSearch()).paths
            let found = try (0..<paths.count).map { line in
                try find(String(decoding: paths[line], as: UTF8.self), in: list, line: line + 1)
            }
            let withContent = collection.looking == .atContent
            let facts = FileFacts.of(
                count: found.count, withContent: withContent, path: { found[$0] }, progress: { _ in })
            for (line, fact) in facts.enumerated() {
                let file = files[fact.file]
                guard let image = file ?? fact.content.flatMap({ contents[$0] }) else { continue }
                throw MakingError.leak(
                    place: "\(list):\(line + 1): \(String(decoding: paths[line], as: UTF8.self))",
                    image: table.named(image), split: part.name, how: file == nil ? .content : .file)
            }
        }
    }

    private func find(_ path: String, in list: String, line: Int) throws(MakingError) -> String {
        var places = PathSearch(baseDirectory: list.pathFolder).candidates(path)
        if let root, !path.hasPrefix("/") { places.append("\(root)/\(path)") }
        if let found = places.first(where: { PathSearch().find($0) != nil }) { return found }
        let others = places.count == 1 ? "" : " (looked for \(places.joined(separator: ", ")))"
        throw .missing(place: "\(list):\(line)", path: path + others)
    }
}
