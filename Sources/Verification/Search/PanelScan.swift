/// The loops over one query's row of a product: which rows of the panel may be near enough.
///
/// They are most of what there is to do beside the product, and the compiler makes vector code of them.
enum PanelScan {
    /// Floats looked at before anything is decided.
    private static let group = 64

    /// Calls `body` with the places of groups in which a value is up to a limit.
    static func forEachGroup(
        _ values: Span<Float>, of size: Int, upTo limit: Float, _ body: (_ group: Range<Int>) -> Void
    ) {
        for start in stride(from: 0, to: values.count, by: size) {
            let places = start..<min(start + size, values.count)
            if holds(values.extracting(places), from: -.infinity, upTo: limit) { body(places) }
        }
    }

    /// Calls `body` with the places of all values up to a limit, which it may lower.
    static func forEach(
        _ values: Span<Float>, upTo limit: inout Float, _ body: (_ place: Int, _ limit: inout Float) -> Void
    ) {
        for start in stride(from: 0, to: values.count, by: group) {
            let part = values.extracting(start..<min(start + group, values.count))
            if !holds(part, from: -.infinity, upTo: limit) { continue }
            for at in 0..<part.count where part[at] <= limit { body(start + at, &limit) }
        }
    }

    /// Calls `body` with the places of all values between two.
    static func forEach(_ values: Span<Float>, from low: Float, upTo high: Float, _ body: (_ place: Int) -> Void) {
        for start in stride(from: 0, to: values.count, by: group) {
            let part = values.extracting(start..<min(start + group, values.count))
            if !holds(part, from: low, upTo: high) { continue }
            for at in 0..<part.count where low <= part[at] && part[at] <= high { body(start + at) }
        }
    }

    /// How many values are below a bound, and how many more up to another.
    static func count(_ values: Span<Float>, below low: Float, upTo high: Float) -> (below: Int, between: Int) {
        unsafe values.withUnsafeBytes { values in
            var (below, upTo) = (SIMD8<Int32>(), SIMD8<Int32>())
            let whole = values.count / eight * eight
            for at in stride(from: 0, to: whole, by: eight) {
                let value = unsafe values.loadUnaligned(fromByteOffset: at, as: SIMD8<Float>.self)
                below &-= ones(value .< low)
                upTo &-= ones(value .<= high)
            }
            var counts = (Int(below.wrappedSum()), Int(upTo.wrappedSum()))
            for at in stride(from: whole, to: values.count, by: one) {
                let value = unsafe values.loadUnaligned(fromByteOffset: at, as: Float.self)
                counts.0 += value < low ? 1 : 0
                counts.1 += value <= high ? 1 : 0
            }
            return (counts.0, counts.1 - counts.0)
        }
    }

    /// Whether a value is between two.
    private static func holds(_ values: Span<Float>, from low: Float, upTo high: Float) -> Bool {
        unsafe values.withUnsafeBytes { values in
            var found = SIMD8<Int32>()
            let whole = values.count / eight * eight
            for at in stride(from: 0, to: whole, by: eight) {
                let value = unsafe values.loadUnaligned(fromByteOffset: at, as: SIMD8<Float>.self)
                found |= ones(value .<= high) & ones(value .>= low)
            }
            if found.wrappedSum() != 0 { return true }
            for at in stride(from: whole, to: values.count, by: one) {
                let value = unsafe values.loadUnaligned(fromByteOffset: at, as: Float.self)
                if low <= value && value <= high { return true }
            }
            return false
        }
    }

    private static let one = MemoryLayout<Float>.stride
    private static let eight = 8 * MemoryLayout<Float>.stride

    /// −1 where the mask is true, 0 where not.
    private static func ones(_ mask: SIMDMask<SIMD8<Int32>>) -> SIMD8<Int32> {
        unsafe unsafeBitCast(mask, to: SIMD8<Int32>.self)
    }

    /// Σ (factor · q + x)², by sixteen partial sums.
    static func squaredDifference(_ q: Span<Float>, _ x: Span<Float>, factor: Float) -> Float {
        precondition(q.count == x.count, "rows of \(q.count) and \(x.count) numbers")
        return unsafe q.withUnsafeBytes { q in
            unsafe x.withUnsafeBytes { x in
                let size = MemoryLayout<Float>.stride
                var sums = SIMD16<Float>()
                let whole = x.count / (16 * size) * (16 * size)
                for at in stride(from: 0, to: whole, by: 16 * size) {
                    let difference =
                        unsafe factor * q.loadUnaligned(fromByteOffset: at, as: SIMD16<Float>.self)
                        + x.loadUnaligned(fromByteOffset: at, as: SIMD16<Float>.self)
                    sums += difference * difference
                }
                var sum = sums.sum()
                for at in stride(from: whole, to: x.count, by: size) {
                    let difference =
                        unsafe factor * q.loadUnaligned(fromByteOffset: at, as: Float.self)
                        + x.loadUnaligned(fromByteOffset: at, as: Float.self)
                    sum += difference * difference
                }
                return sum
            }
        }
    }
}
