import Foundation
import Pairs
import TestSupport

/// Folders of small pictures, one content each.
struct MadeImages {
    let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory("making") }

    /// Writes a picture of one pixel whose content is its own.
    @discardableResult
    func add(_ path: String, content: Int? = nil) throws -> String {
        let number = content ?? abs(path.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xffffff })
        let samples = [number >> 16 & 255, number >> 8 & 255, number & 255]
        return try scratch.write(path, Data(PNGFile.make(width: 1, height: 1, samples: samples)))
    }

    /// A folder of identities with so many images each: "faces/p00/0.png".
    @discardableResult
    func addFolder(_ name: String, _ counts: [Int]) throws -> String {
        for (identity, count) in counts.enumerated() {
            for image in 0..<count { try add("\(name)/p\(identity / 10)\(identity % 10)/\(image).png") }
        }
        return scratch.file(name)
    }
}

extension ImageTable {
    /// A table of made-up paths: so many images of each identity, in two views if two counts are given for each.
    static func made(_ counts: [Int], second: [Int]? = nil) throws -> ImageTable {
        var rows = ImageRows(source: "made")
        for identity in counts.indices {
            let name = Array("p\(identity)".utf8)
            for (view, count) in [counts[identity], second?[identity] ?? 0].enumerated() {
                for image in 0..<count {
                    try rows.add(path: Array("p\(identity)/\(view)-\(image)".utf8), identity: name, view: view)
                }
            }
        }
        return ImageTable(rows, hasViews: second != nil)
    }

    /// All identities as one split.
    var whole: IdentitySplit.Part { .init(name: "train", identities: Array(0..<identityCount)) }
}
