/// The files that hold the pairs of all splits, line by line.
///
/// For each split S: S1.txt and S2.txt, `path label` a pair; S_identities.txt, the identities of a pair's images with a tab
/// between; S_images.txt (S_images1.txt and S_images2.txt with views), `path number` an image. identities.txt has the names
/// to these numbers, which are the same in all splits.
package struct PairFiles {
    /// A file's name and what it takes to fill it.
    package struct File {
        package let name: String
        package let write: (_ append: ([UInt8]) throws -> Void) throws -> Void
    }

    private let table: ImageTable
    /// Each image's path as lists have it.
    private let paths: PackedStrings

    /// - Parameter root: the folder from which the paths of images begin.
    /// - Throws: `MakingError.unwritable` where a path leads through a folder that lists can't hold.
    package init(_ table: ImageTable, root: String) throws(MakingError) {
        self.table = table
        var paths = PackedStrings()
        var folder = FolderPaths(from: root)
        for image in 0..<table.imageCount {
            let path = folder.path(of: table.pathBytes(image))
            guard !path.contains(UInt8(ascii: "\n")) else {
                throw .unwritable(place: table.place(image), problem: "a line break in the name of a folder above it")
            }
            paths.append(path)
        }
        self.paths = paths
    }

    /// What all files will be called.
    package static func names(of splits: [String], hasViews: Bool) -> [String] {
        let images = hasViews ? ["_images1.txt", "_images2.txt"] : ["_images.txt"]
        return splits.flatMap { split in (["1.txt", "2.txt", "_identities.txt"] + images).map { split + $0 } }
            + ["identities.txt"]
    }

    /// The numbers of identities with their names.
    package var identities: File {
        File(name: "identities.txt") { [table] append in
            try Self.lines(table.identityCount, append) { number, line in
                line += Array("\(number)\t".utf8) + table.names[number]
            }
        }
    }

    /// The files of a split.
    package func files(of part: IdentitySplit.Part, pairs: [MadePair]) -> [File] {
        var files = [0, 1].map { side in
            File(name: "\(part.name)\(side + 1).txt") { append in
                try Self.lines(pairs.count, append) { index, line in
                    let pair = pairs[index]
                    line += paths[Int(side == 0 ? pair.first : pair.second)]
                    line += pair.isMatching ? Self.matching : Self.impostor
                }
            }
        }
        files.append(
            File(name: "\(part.name)_identities.txt") { append in
                try Self.lines(pairs.count, append) { index, line in
                    line += name(pairs[index].first)
                    line.append(UInt8(ascii: "\t"))
                    line += name(pairs[index].second)
                }
            })
        return files + imageFiles(of: part)
    }

    private static let matching = Array(" 1".utf8)
    private static let impostor = Array(" 0".utf8)

    private func name(_ image: Int32) -> ArraySlice<UInt8> { table.names[table.identity(of: Int(image))] }

    /// All images of a split, of each view for itself.
    private func imageFiles(of part: IdentitySplit.Part) -> [File] {
        (table.hasViews ? [0, 1] : [0]).map { side in
            File(name: "\(part.name)_images\(table.hasViews ? "\(side + 1)" : "").txt") { append in
                for identity in part.identities {
                    let images = table.images(of: identity, side: side)
                    try Self.lines(images.count, append) { index, line in
                        line += paths[images.lowerBound + index] + Array(" \(identity)".utf8)
                    }
                }
            }
        }
    }

    /// Hands lines over in pieces of some size.
    static func lines(
        _ count: Int, _ append: ([UInt8]) throws -> Void, _ add: (_ index: Int, _ line: inout [UInt8]) -> Void
    ) throws {
        let enough = 1 << 20
        var text: [UInt8] = []
        for index in 0..<count {
            add(index, &text)
            text.append(UInt8(ascii: "\n"))
            if text.count >= enough {
                try append(text)
                text.removeAll(keepingCapacity: true)
            }
        }
        if !text.isEmpty { try append(text) }
    }
}
