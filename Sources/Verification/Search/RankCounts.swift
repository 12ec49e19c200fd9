/// The places of given distances in the rankings of a block of queries: how many rows are no farther away.
///
/// Threads may count at once, each for queries of its own.
@safe final class RankCounts: @unchecked Sendable {
    /// The squares of a query's distances are at `starts[query] ..< starts[query + 1]`, in ascending order.
    let starts: [Int]
    let squares: [Double]
    /// Rows counted for one distance.
    private let single: UnsafeMutableBufferPointer<Int>
    /// Rows counted for one distance and all of the query's that are larger.
    private let onwards: UnsafeMutableBufferPointer<Int>

    /// - Parameter squares: of each query, in any order within it.
    init(starts: [Int], squares: [Double]) {
        var sorted = squares
        for (start, end) in zip(starts, starts.dropFirst()) { sorted[start..<end].sort() }
        self.starts = starts
        self.squares = sorted
        unsafe single = .allocate(capacity: squares.count)
        unsafe single.initialize(repeating: 0)
        unsafe onwards = .allocate(capacity: squares.count)
        unsafe onwards.initialize(repeating: 0)
    }

    deinit {
        unsafe single.deallocate()
        unsafe onwards.deallocate()
    }

    func range(_ query: Int) -> Range<Int> { starts[query]..<starts[query + 1] }

    /// Counts rows that are no farther than one distance.
    func add(_ rows: Int, at place: Int) { unsafe single[place] += rows }

    /// Counts a row for this distance and all that follow it.
    func add(from place: Int) { unsafe onwards[place] += 1 }

    /// The first of a query's distances that are no smaller; behind the last if all are.
    func firstPlace(notBelow square: Double, query: Int) -> Int {
        var (low, high) = (starts[query], starts[query + 1])
        while low < high {
            let middle = (low + high) / 2
            if squares[middle] < square { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The counts of all distances, as numbers to be summed over ranks.
    var values: [Double] {
        var values: [Double] = []
        values.reserveCapacity(squares.count)
        for (start, end) in zip(starts, starts.dropFirst()) {
            var sum = 0
            for place in start..<end {
                unsafe sum += onwards[place]
                unsafe values.append(Double(sum + single[place]))
            }
        }
        return values
    }
}
