import Tensors

/// The places of given distances in the rankings of a block of queries: how many rows are no farther away.
///
/// Threads may count at once, each for queries of its own.
@safe final class RankCounts: @unchecked Sendable {
    /// The squares of a query's distances are at `starts[query] ..< starts[query + 1]`, in ascending order.
    let starts: [Int]
    let squares: [Double]
    /// For each distance the rows that are no farther, but farther than the one before; after a query's last, the others.
    private let counts: UnsafeMutableBufferPointer<Int>

    /// - Parameter squares: of each query, in any order within it.
    init(starts: [Int], squares: [Double]) {
        var sorted = squares
        unsafe sorted.withParts(starts) { _, part in
            var part = unsafe part
            unsafe part.sort()
        }
        self.starts = starts
        self.squares = sorted
        unsafe counts = .allocate(capacity: squares.count + starts.count)
        unsafe counts.initialize(repeating: 0)
    }

    deinit { unsafe counts.deallocate() }

    /// How many queries there are.
    var queries: Int { starts.count - 1 }

    func range(_ query: Int) -> Range<Int> { starts[query]..<starts[query + 1] }

    /// Counts rows for the query's distance with this number, the nearest being 0, and for all that follow it.
    func add(_ rows: Int, from place: Int, of query: Int) { unsafe counts[starts[query] + query + place] += rows }

    /// Lends the counts of a query, in the order of its distances, and one more for rows that are farther than all.
    func withCounts(of query: Int, _ body: (inout MutableSpan<Int>) -> Void) {
        var part = unsafe MutableSpan(
            _unsafeElements: counts.extracting(starts[query] + query...starts[query + 1] + query))
        body(&part)
    }

    /// The number of the first of a query's distances that are no smaller; how many it has if all are.
    func firstPlace(notBelow square: Double, of query: Int) -> Int {
        var (low, high) = (starts[query], starts[query + 1])
        while low < high {
            let middle = (low + high) / 2
            if squares[middle] < square { low = middle + 1 } else { high = middle }
        }
        return low - starts[query]
    }

    /// The number of the first of a query's distances that are no smaller than what is between two squares, if it is about
    /// the one that is guessed and none lies between.
    func place(of query: Int, from low: Double, to high: Double, near guess: Int) -> Int? {
        let (start, end) = (starts[query], starts[query + 1])
        for place in max(start, start + guess - 1)...min(end, start + guess + 1) {
            if place == start || squares[place - 1] < low, place == end || squares[place] > high {
                return place - start
            }
        }
        return nil
    }

    /// The counts of all distances, as numbers to be summed over ranks.
    var values: [Double] {
        var values: [Double] = []
        values.reserveCapacity(squares.count)
        for query in 0..<queries {
            var sum = 0
            for place in range(query) {
                unsafe sum += counts[place + query]
                values.append(Double(sum))
            }
        }
        return values
    }
}

extension [Double] {
    /// Lends each query's part of the numbers, which is at `starts[query] ..< starts[query + 1]`, on all threads.
    mutating func withParts(
        _ starts: [Int], _ body: @Sendable (_ query: Int, _ part: UnsafeMutableBufferPointer<Double>) -> Void
    ) {
        unsafe withUnsafeMutableBufferPointer { all in
            nonisolated(unsafe) let all = unsafe all
            Threads.parallel(starts.count - 1, grain: 16) { queries in
                for query in queries { unsafe body(query, all.extracting(starts[query]..<starts[query + 1])) }
            }
        }
    }
}
