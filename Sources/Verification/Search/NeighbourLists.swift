/// The nearest rows found so far of each of a block of queries, in order.
///
/// Threads may work on it at once, each on queries of its own.
@safe final class NeighbourLists: @unchecked Sendable {
    /// How many neighbours each query wants.
    let limit: Int
    private let places: UnsafeMutableBufferPointer<Neighbour>
    private let counts: UnsafeMutableBufferPointer<Int>

    init(queries: Int, limit: Int) {
        self.limit = limit
        unsafe places = .allocate(capacity: queries * limit)
        unsafe places.initialize(repeating: Neighbour(square: .infinity, row: .max))
        unsafe counts = .allocate(capacity: queries)
        unsafe counts.initialize(repeating: 0)
    }

    deinit {
        unsafe places.deallocate()
        unsafe counts.deallocate()
    }

    /// The square that a row must not be above to come into a query's list.
    func limitingSquare(_ query: Int) -> Double {
        unsafe counts[query] < limit ? .infinity : places[query * limit + limit - 1].square
    }

    /// Puts a row in its place, unless enough are nearer.
    func insert(_ neighbour: Neighbour, query: Int) {
        let start = query * limit
        var at = unsafe counts[query]
        if at == limit {
            guard unsafe neighbour < places[start + limit - 1] else { return }
            at -= 1
        } else {
            unsafe counts[query] += 1
        }
        while at > 0, unsafe neighbour < places[start + at - 1] {
            unsafe places[start + at] = places[start + at - 1]
            at -= 1
        }
        unsafe places[start + at] = neighbour
    }

    /// A query's neighbours, the nearest first.
    subscript(query: Int) -> [Neighbour] {
        unsafe Array(places[query * limit..<query * limit + counts[query]])
    }

    /// All lists for the way to another rank: squares and rows of `limit` places a query, of which some may be empty.
    var packed: [UInt8] { unsafe Array(UnsafeRawBufferPointer(places)) }

    /// Puts in what another rank has found for the same queries.
    func merge(packed bytes: [UInt8]) {
        precondition(
            unsafe bytes.count == places.count * MemoryLayout<Neighbour>.stride, "\(bytes.count) bytes of lists")
        unsafe bytes.withUnsafeBytes { bytes in
            for place in unsafe places.indices {
                let neighbour = unsafe bytes.loadUnaligned(
                    fromByteOffset: place * MemoryLayout<Neighbour>.stride, as: Neighbour.self)
                if neighbour.row != .max { insert(neighbour, query: place / limit) }
            }
        }
    }
}
