package import Comm
import Foundation
import Pairs

/// Decodes every image of some lists, each once, on all ranks together.
package struct DataCheck {
    let index: ImageIndex
    /// What each image is, by its number.
    let facts: [ImageFacts]
    /// What is wrong with those that are not good.
    let faults: [Int: String]
    /// The first image with the same content as each.
    let originals: [UInt32]

    init(_ index: ImageIndex, _ facts: [ImageFacts], faults: [Int: String]) {
        (self.index, self.facts, self.faults) = (index, facts, faults)
        originals = Self.originals(facts)
    }

    /// Collective.
    ///
    /// - Parameters:
    ///   - threads: how many decode on this rank.
    ///   - progress: told how many of this rank's images are done, of how many.
    /// - Returns: what all ranks found, on rank zero.
    package static func run(
        _ sets: [CheckedLists], pixelLimit: Int, threads: Int, communicator: any Communicator,
        progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> DataCheck? {
        let index = ImageIndex(sets)
        let (rank, ranks) = (communicator.rank, communicator.size)
        // Image r + k·P is the k-th of rank r.
        let mine = (index.count - rank + ranks - 1) / ranks
        let found = ImageInspector.inspect(count: mine, threads: threads, pixelLimit: pixelLimit) { number in
            let place = index.places[rank + number * ranks]
            return (index.path(place), index.search(place))
        } progress: {
            progress($0, mine)
        }
        let bytes = unsafe found.facts.withUnsafeBytes { unsafe [UInt8]($0) }
        let facts = try communicator.gather(bytes).map(Self.facts)
        let texts = found.faults.mapValues(\.description)
        let faults = try communicator.gather([UInt8](JSONEncoder().encode(texts)))
        guard communicator.isRankZero else { return nil }
        var all: [Int: String] = [:]
        for (rank, bytes) in faults.enumerated() {
            for (number, text) in try JSONDecoder().decode([Int: String].self, from: Data(bytes)) {
                all[rank + number * ranks] = text
            }
        }
        return DataCheck(index, (0..<index.count).map { facts[$0 % ranks][$0 / ranks] }, faults: all)
    }

    /// Their bytes as another rank of the same program has sent them.
    private static func facts(_ bytes: [UInt8]) -> [ImageFacts] {
        let count = bytes.count / MemoryLayout<ImageFacts>.stride
        return unsafe [ImageFacts](unsafeUninitializedCapacity: count) { buffer, filled in
            unsafe UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes)
            filled = count
        }
    }
}
