import Foundation
import Tensors

/// What is looked at before images are taken.
extension ImageCollection {
    /// All that the source names.
    static func rows(
        _ source: Source, _ looking: Looking, _ passedOver: inout PassedOver
    ) throws(MakingError) -> ImageRows.Table {
        switch source {
        case .folder(let folder):
            var rows = ImageRows(source: folder)
            try rows.add(folder: folder, view: 0, passedOver: &passedOver)
            return .init(rows: rows)
        case .folders(let first, let second):
            var rows = ImageRows(source: "\(first) and \(second)")
            try rows.add(folder: first, view: 0, passedOver: &passedOver)
            try rows.add(folder: second, view: 1, passedOver: &passedOver)
            return .init(rows: rows, views: [first, second])
        case .table(let file):
            return try ImageRows.table(file, findsFiles: looking != .notAtAll)
        }
    }

    /// Which files are images.
    static func areImages(
        _ table: ImageTable, _ facts: [FileFacts], _ passedOver: inout PassedOver
    ) throws(MakingError) -> [Bool] {
        var isKept = [Bool](repeating: true, count: facts.count)
        for image in facts.indices {
            switch facts[image].state {
            case .image: continue
            case .notImage: passedOver.add(.notImage, table.pathBytes(image))
            case .missing, .unreadable:
                let reason = unsafe String(cString: strerror(facts[image].reason))
                throw .unreadable(what: "image", path: table.place(image), reason: reason)
            }
            isKept[image] = false
        }
        return isKept
    }

    /// Keeps the first only of images with one key under one identity.
    ///
    /// - Throws: `MakingError.samePicture` where two identities, or both views of one, have the same.
    static func dropRepeats<Key: Hashable>(
        _ table: ImageTable, _ how: MakingError.Sameness, _ isKept: inout [Bool], _ passedOver: inout PassedOver,
        key: (Int) -> Key?
    ) throws(MakingError) {
        var first: [Key: Int32] = [:]
        first.reserveCapacity(table.imageCount)
        for image in 0..<table.imageCount where isKept[image] {
            guard let key = key(image) else { continue }
            guard let other = first[key].map(Int.init) else {
                first[key] = Int32(image)
                continue
            }
            guard table.identity(of: other) == table.identity(of: image), table.view(of: other) == table.view(of: image)
            else { throw .samePicture(first: table.named(other), second: table.named(image), how: how) }
            isKept[image] = false
            passedOver.add(.sameAgain, table.pathBytes(image))
        }
    }

    /// Which files are called as images are.
    static func areNamedAsImages(_ table: ImageTable, _ passedOver: inout PassedOver) -> [Bool] {
        (0..<table.imageCount).map { image in
            let end = String(decoding: table.pathBytes(image).suffix(5), as: UTF8.self).lowercased()
            if [".jpg", ".jpeg", ".png"].contains(where: end.hasSuffix) { return true }
            passedOver.add(.notImage, table.pathBytes(image))
            return false
        }
    }
}
