package import Nets

/// Runs the shards of a batch one after the other as if they were ranks that sum what they know.
///
/// Nothing waits for another: the shards run again and again, each time knowing the sums of one more question, until
/// all questions had the sums of all shards.
package enum ShardedRun {
    /// What `run` gives for each shard, when it asks the same questions in each.
    package static func results<Result>(
        _ shards: [Range<Int>], run: (Range<Int>, any BatchReducer) throws -> Result
    ) throws -> [Result] {
        var known: [[Double]] = []
        while true {
            let reducers = shards.map { _ in Reducer(known: known) }
            let results = try zip(shards, reducers).map { try run($0, $1) }
            let asked = reducers.map(\.asked)
            precondition(asked.allSatisfy { $0.count == asked[0].count }, "shards ask different questions")
            if known.count == asked[0].count { return results }
            let next = known.count
            known.append(asked.dropFirst().reduce(asked[0][next]) { zip($0, $1[next]).map(+) })
        }
    }

    /// A reducer that remembers what it is asked and answers with the sums that are known.
    private final class Reducer: BatchReducer {
        private let known: [[Double]]
        private(set) var asked: [[Double]] = []

        init(known: [[Double]]) { self.known = known }

        func sum(_ values: inout [Double]) {
            asked.append(values)
            if known.indices.contains(asked.count - 1) { values = known[asked.count - 1] }
        }
    }
}
