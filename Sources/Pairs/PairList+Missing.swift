import Dispatch
import Synchronization
import Tensors

extension PairList {
    /// An image that a list names and that isn't there.
    package struct MissingImage: Error, Equatable, CustomStringConvertible {
        /// Where the list names it: "train1.txt:17".
        package let place: String
        package let path: String
        /// Of which pair it is.
        package let pair: Int

        package var description: String { "\(place): no such file: \(path)" }
    }

    /// The first images, in the order of the lists, that do not exist; at most `limit`.
    ///
    /// Looks for all images, on all cores; reads folders where that is less work.
    package func missingImages(limit: Int = 10) -> [MissingImage] {
        let parts = 64
        let found = Mutex<[Int: [MissingImage]]>([:])
        let doubtful = doubtfulImages()
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            var missing: [MissingImage] = []
            let share = doubtful.count * part / parts..<doubtful.count * (part + 1) / parts
            for item in doubtful[share] where missing.count < limit {
                Activity.tick()
                let column = item / count
                let path = path(column: column, index: item % count)
                if search.find(path) == nil {
                    missing.append(
                        MissingImage(
                            place: place(column: column, index: item % count), path: path, pair: item % count))
                }
            }
            found.withLock { $0[part] = missing }
        }
        let all = found.withLock { found in (0..<parts).flatMap { found[$0] ?? [] } }
        return Array(all.prefix(limit))
    }

    /// The images that no folder lists, as column · count + index, ascending.
    private func doubtfulImages() -> [Int] {
        let found = Mutex<[Int: [Int]]>([:])
        DispatchQueue.concurrentPerform(iterations: columns) { column in
            let scan = FolderScan(paths[column], rootFolder: sources[column].rootFolder, search: search)
            let doubtful = scan.unlisted().map { column * count + $0 }
            found.withLock { $0[column] = doubtful }
        }
        return found.withLock { found in (0..<columns).flatMap { found[$0] ?? [] } }
    }
}
