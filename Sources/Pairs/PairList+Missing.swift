import Dispatch
import Synchronization

extension PairList {
    /// An image that a list names and that isn't there.
    package struct MissingImage: Error, Equatable, CustomStringConvertible {
        /// Where the list names it: "train1.txt:17".
        package let place: String
        package let path: String

        package var description: String { "\(place): no such file: \(path)" }
    }

    /// The first images, in the order of the lists, that do not exist; at most `limit`.
    ///
    /// Looks for all images, on all cores.
    package func missingImages(limit: Int = 10) -> [MissingImage] {
        let parts = 64
        let found = Mutex<[Int: [MissingImage]]>([:])
        let total = columns * count
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            var missing: [MissingImage] = []
            for item in total * part / parts..<total * (part + 1) / parts where missing.count < limit {
                let column = item / count
                let path = path(column: column, index: item % count)
                if search.find(path) == nil {
                    missing.append(MissingImage(place: place(column: column, index: item % count), path: path))
                }
            }
            found.withLock { $0[part] = missing }
        }
        let all = found.withLock { found in (0..<parts).flatMap { found[$0] ?? [] } }
        return Array(all.prefix(limit))
    }
}
