import Synchronization

/// What becomes of a pair one of whose images can't be read or decoded.
package enum BadImagePolicy: Sendable, Equatable {
    /// Its error ends all.
    case fail
    /// Another pair takes its place (`PairOrder.replacement`), as long as there are no more than `limit` such pairs.
    case skip(limit: Int)

    package var skips: Bool { self != .fail }
}

/// The pairs of a source that could not be used, as its readers come upon them; each is told once.
package final class BadPairs: Sendable {
    /// A pair, and what is wrong with its images.
    package struct Pair: Codable, Sendable, Equatable {
        package let index: Int
        /// A sentence for each image that is bad, with its place and path: "train1.txt:17: a.jpg: …".
        package let images: [String]
    }

    private struct State {
        var known: Set<Int> = []
        var news: [Pair] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Whether there are pairs that `takeNews` has not given yet.
    package var hasNews: Bool { state.withLock { !$0.news.isEmpty } }

    /// The pairs that were found since the last call.
    package func takeNews() -> [Pair] {
        state.withLock { state in
            defer { state.news = [] }
            return state.news
        }
    }

    /// Notes the pairs of which an image isn't there, at most about `limit`; looks for all images.
    package func addMissing(from source: any PairSource, limit: Int) {
        let missing = source.missingImages(limit: limit)
        guard !missing.isEmpty else { return }
        let reader = source.makeReader()
        for image in missing { add(image.pair) { reader.faults(of: image.pair, position: 0) } }
    }

    /// Notes a pair; asks for what is wrong with it only if it is not known yet.
    func add(_ index: Int, _ faults: () -> [LoadError]) {
        guard state.withLock({ $0.known.insert(index).inserted }) else { return }
        let pair = Pair(index: index, images: faults().map(\.description))
        state.withLock { $0.news.append(pair) }
    }
}

/// The first of some pairs for which `body` gives a value; where bad ones are not passed over, that of the first pair.
///
/// Throws the first pair's error where none of many has one.
func firstUsable<Value>(
    of count: Int, _ policy: BadImagePolicy, _ body: (Int) throws(LoadError) -> Value
) throws(LoadError) -> Value {
    do {
        return try body(0)
    } catch {
        guard policy.skips else { throw error }
        for index in 1..<max(1, min(count, 1 + PairOrder.attempts)) {
            do throws(LoadError) { return try body(index) } catch { continue }
        }
        throw error
    }
}
