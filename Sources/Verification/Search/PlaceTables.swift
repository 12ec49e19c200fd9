import Tensors

/// Where a distance lies among the many that a query has to count for: a table instead of a search.
///
/// From a query's first distance to its last there are twice as many steps of one width as distances; for each step the
/// table has the distances that lie in steps before it. A value is then compared with those of its own step only.
@safe final class PlaceTables: @unchecked Sendable {
    /// Values looked at before it is decided whether one of them counts.
    private static let group = 16
    private let counts: RankCounts
    /// Of each query: the squares of its distances less its own square, between −∞ and ∞.
    private let bounds: UnsafeMutableBufferPointer<Float>
    /// Of each query: for every step, and the one behind the last, how many distances lie before it.
    private let steps: UnsafeMutableBufferPointer<UInt32>
    private let widths: UnsafeMutableBufferPointer<Width>

    /// The first step's middle, and steps in one.
    private struct Width {
        var start: Float = 0
        var factor: Float = 0
        var last: Float = 0

        /// The steps of eight values: never smaller than a smaller value's.
        func steps(_ values: SIMD8<Float>) -> SIMD8<UInt32> {
            var steps = (values - start) * factor
            steps.replace(with: 0, where: .!(steps .> 0))
            steps.replace(with: last, where: steps .> last)
            // Rounds, and puts the whole number into the lowest bits.
            return unsafe unsafeBitCast(steps + 0x1p23, to: SIMD8<UInt32>.self) & 0x7f_ffff
        }

        func step(_ value: Float) -> UInt32 { steps(SIMD8(repeating: value))[0] }
    }

    init(_ counts: RankCounts) {
        self.counts = counts
        let (places, queries) = (counts.squares.count, counts.queries)
        unsafe bounds = .allocate(capacity: places + 2 * queries)
        unsafe steps = .allocate(capacity: 2 * places + queries)
        unsafe widths = .allocate(capacity: queries)
        unsafe widths.initialize(repeating: Width())
    }

    deinit {
        unsafe bounds.deallocate()
        unsafe steps.deallocate()
        unsafe widths.deallocate()
    }

    /// Makes a query's table.
    ///
    /// - Parameter own: its own square.
    func prepare(_ query: Int, own: Double) {
        let range = counts.range(query)
        let (bounds, steps) = unsafe (bounds(query), steps(query))
        unsafe bounds[-1] = -.infinity
        for (number, place) in range.enumerated() { unsafe bounds[number] = Float(counts.squares[place] - own) }
        unsafe bounds[range.count] = .infinity
        let number = min(2 * range.count, 1 << 22)
        let factor = unsafe Float(number - 1) / (bounds[range.count - 1] - bounds[0])
        let width = unsafe Width(
            start: bounds[0], factor: factor.isFinite ? factor : 0, last: Float(number - 1))
        unsafe widths[query] = width
        var before = 0
        for step in 0...number {
            while before < range.count, unsafe width.step(bounds[before]) < step { before += 1 }
            unsafe steps[step] = UInt32(before)
        }
    }

    /// Counts rows for the distances of a query.
    ///
    /// - Parameters:
    ///   - values: the squares of the rows' distances less the query's own, wrong by `slack` at most.
    ///   - decide: gives a row's place where the value leaves it open, and is told the place that the value has.
    func count(
        _ values: Span<Float>, of query: Int, slack: Float, _ decide: (_ row: Int, _ place: Int) -> Int
    ) {
        let farthest = unsafe bounds(query)[counts.range(query).count - 1] + slack
        unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * PlaceTables.group) { scratch in
            let found = scratch.extracting(..<PlaceTables.group)
            let isOpen = scratch.extracting(PlaceTables.group...)
            counts.withCounts(of: query) { counts in
                PanelScan.forEachGroup(values, of: PlaceTables.group, upTo: farthest) { group in
                    let values = values.extracting(group)
                    unsafe find(values, of: query, slack: slack, found, isOpen)
                    for at in 0..<values.count {
                        let place = unsafe Int(found[at])
                        let isSure = unsafe isOpen[at] == 0
                        counts[isSure ? place : decide(group.lowerBound + at, place)] += 1
                    }
                }
            }
        }
    }

    /// The places of a group of values, and whether they leave it open which.
    ///
    /// Without branches, which no processor could foresee; where a step has more than three distances, it may be open.
    private func find(
        _ values: Span<Float>, of query: Int, slack: Float, _ found: UnsafeMutableBufferPointer<UInt32>,
        _ isOpen: UnsafeMutableBufferPointer<UInt32>
    ) {
        let (bounds, steps, width) = unsafe (bounds(query), steps(query), widths[query])
        unsafe values.withUnsafeBytes { values in
            let size = MemoryLayout<SIMD8<Float>>.size
            let whole = values.count / size * size
            for at in stride(from: 0, to: whole, by: size) {
                let steps = unsafe width.steps(values.loadUnaligned(fromByteOffset: at, as: SIMD8<Float>.self))
                unsafe UnsafeMutableRawBufferPointer(found).storeBytes(
                    of: steps, toByteOffset: at, as: SIMD8<UInt32>.self)
            }
            for at in stride(from: whole, to: values.count, by: 4) {
                unsafe found[at / 4] = width.step(values.loadUnaligned(fromByteOffset: at, as: Float.self))
            }
        }
        for at in 0..<values.count {
            let value = values[at]
            var place = unsafe Int(steps[Int(found[at])])
            unsafe place &+= Int(isNegative(bounds[place] - value))
            unsafe place &+= Int(isNegative(bounds[place] - value))
            unsafe place &+= Int(isNegative(bounds[place] - value))
            unsafe found[at] = UInt32(truncatingIfNeeded: place)
            unsafe isOpen[at] =
                isNegative(value - bounds[place - 1] - slack) | isNegative(bounds[place] - value - slack)
        }
    }

    private func isNegative(_ difference: Float) -> UInt32 { difference.bitPattern &>> 31 }

    private func bounds(_ query: Int) -> UnsafeMutablePointer<Float> {
        unsafe bounds.baseAddress.unsafelyUnwrapped + (counts.starts[query] + 2 * query + 1)
    }

    private func steps(_ query: Int) -> UnsafeMutablePointer<UInt32> {
        unsafe steps.baseAddress.unsafelyUnwrapped + (2 * counts.starts[query] + query)
    }
}
