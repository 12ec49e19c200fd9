/// The loops over one query's row of a product: which rows of the panel may be near enough.
///
/// They are most of what there is to do beside the product, and the compiler makes vector code of them.
enum PanelScan {
    /// Floats looked at before anything is decided.
    static let group = 64

    /// Adds the rows' squares to −2 q·x, which leaves the square of the distance less the query's own.
    static func complete(_ values: inout MutableSpan<Float>, squares: Span<Float>) {
        precondition(values.count == squares.count, "\(values.count) products, \(squares.count) squares")
        for at in 0..<values.count { values[at] += squares[at] }
    }

    /// Calls `body` with the places of all values up to a limit, which it may lower.
    static func forEach(
        _ values: Span<Float>, upTo limit: inout Float, _ body: (_ place: Int, _ limit: inout Float) -> Void
    ) {
        for start in stride(from: 0, to: values.count, by: group) {
            let part = values.extracting(start..<min(start + group, values.count))
            if count(part, upTo: limit) == 0 { continue }
            for at in 0..<part.count where part[at] <= limit { body(start + at, &limit) }
        }
    }

    /// How many values are below a bound, and how many more up to another.
    static func count(_ values: Span<Float>, below low: Float, upTo high: Float) -> (below: Int, between: Int) {
        var (below, within) = (Int32(0), Int32(0))
        for at in 0..<values.count {
            below &+= values[at] < low ? 1 : 0
            within &+= values[at] <= high ? 1 : 0
        }
        return (Int(below), Int(within - below))
    }

    private static func count(_ values: Span<Float>, upTo limit: Float) -> Int32 {
        var count = Int32(0)
        for at in 0..<values.count { count &+= values[at] <= limit ? 1 : 0 }
        return count
    }
}
