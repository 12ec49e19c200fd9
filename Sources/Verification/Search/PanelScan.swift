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
            if isAll(part, above: limit) { continue }
            for at in 0..<part.count where part[at] <= limit { body(start + at, &limit) }
        }
    }

    /// How many values are below a bound, and how many more up to another.
    static func count(_ values: Span<Float>, below low: Float, upTo high: Float) -> (below: Int, between: Int) {
        var (below, above) = (Int32(0), Int32(0))
        for at in 0..<values.count {
            below &+= isNegative(values[at] - low)
            above &+= isNegative(high - values[at])
        }
        return (Int(below), values.count - Int(below) - Int(above))
    }

    /// Whether no value is up to the limit.
    private static func isAll(_ values: Span<Float>, above limit: Float) -> Bool {
        var above = Int32(0)
        for at in 0..<values.count { above &+= isNegative(limit - values[at]) }
        return Int(above) == values.count
    }

    /// 1 or 0 by the bit of the sign, since a branch would keep the loop from becoming vector code.
    private static func isNegative(_ difference: Float) -> Int32 {
        Int32(bitPattern: difference.bitPattern &>> 31)
    }
}
