package import Nets
import Tensors

/// Runs the shards of a batch one after the other as if they were ranks that bring together what they know.
///
/// Nothing waits for another: the shards run again and again, each time knowing the answer to one more question, until
/// all questions had the answers of all shards.
package enum ShardedRun {
    /// What `run` gives for each shard, when it asks the same questions in each.
    package static func results<Result>(
        _ shards: [Range<Int>], run: (Range<Int>, any BatchReducer) throws -> Result
    ) throws -> [Result] {
        var known: [[Double]] = []
        while true {
            let reducers = shards.map { Reducer(shard: $0, known: known) }
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
        private let shard: Range<Int>
        private let known: [[Double]]
        private(set) var asked: [[Double]] = []

        init(shard: Range<Int>, known: [[Double]]) {
            self.shard = shard
            self.known = known
        }

        func sum(_ values: inout [Double]) {
            asked.append(values)
            if known.indices.contains(asked.count - 1) { values = known[asked.count - 1] }
        }

        /// Rows that are zero but for those of one shard each, summed, are the rows of all.
        func gather(_ rows: FloatStorage, width: Int) {
            let own = shard.lowerBound * width..<shard.upperBound * width
            var values = rows.array(0..<rows.count).enumerated().map { own.contains($0) ? Double($1) : 0 }
            sum(&values)
            rows.copy(values.map { Float($0) })
        }
    }
}
