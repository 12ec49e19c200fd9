import Synchronization

/// Pictures in memory that were decoded and resized but not yet cropped, mirrored and scaled, which stays random.
///
/// One cache serves all phases and decoding threads of a process. When room is short, the pictures that were used least
/// recently leave. A picture takes a byte a value, and results are the same with and without a cache.
package final class PictureCache: Sendable {
    /// What the pixels of a picture depend on.
    struct Key: Hashable {
        let path: String
        let search: PathSearch
        let size: ImageError.Size?
        let isColor: Bool
        let isFast: Bool
    }

    /// A picture with its channels one after the other.
    struct Entry: Sendable {
        let dimensions: Picture.Dimensions
        let planes: [UInt8]
    }

    /// How often a picture was asked for, and what is there.
    package struct Statistics: Equatable, Sendable, CustomStringConvertible {
        package internal(set) var found = 0
        package internal(set) var missed = 0
        package internal(set) var pictures = 0
        /// What all pictures take, with their names.
        package internal(set) var bytes = 0

        /// The share of what was asked for that was there; zero before the first.
        package var hitRate: Double { found + missed == 0 ? 0 : Double(found) / Double(found + missed) }

        /// Of one rank, the only one that speaks.
        package var description: String {
            let percent = (1000 * hitRate).rounded() / 10
            return "this rank's cache holds \(pictures) images in \(bytes / 1_000_000) MB; "
                + "\(percent) % of \(found + missed) were found in it"
        }
    }

    private struct State {
        var entries: LRU<Key, Entry>
        var found = 0
        var missed = 0
    }

    /// The bytes that all pictures together take at most. (Each thread may hold one more that has just left.)
    package let limit: Int
    private let state: Mutex<State>
    /// What an entry takes beside pixels and path, by a generous estimate: its place in dictionary and list, and objects.
    private static let overhead = 512

    package init(limit: Int) {
        precondition(limit >= 0, "a cache of \(limit) bytes")
        self.limit = limit
        state = Mutex(State(entries: LRU(limit: limit)))
    }

    package var statistics: Statistics {
        state.withLock { state in
            Statistics(
                found: state.found, missed: state.missed, pictures: state.entries.count, bytes: state.entries.cost)
        }
    }

    func find(_ key: Key) -> Entry? {
        state.withLock { state in
            let entry = state.entries.find(key)
            if entry == nil { state.missed += 1 } else { state.found += 1 }
            return entry
        }
    }

    /// Keeps a picture if there can be room for it; returns the memory of one that left for it, to be used again.
    func keep(_ entry: Entry, as key: Key) -> [UInt8] {
        let cost = entry.planes.count + key.path.utf8.count + Self.overhead
        return state.withLock { $0.entries.keep(entry, for: key, cost: cost)?.planes ?? [] }
    }
}
