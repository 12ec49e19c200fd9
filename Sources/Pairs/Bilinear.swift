/// OpenCV's bilinear interpolation in 11-bit fixed point.
enum Bilinear {
    /// One result sample as a weighted sum of two source samples; the weights are in 1/2048.
    struct Tap {
        var first: Int32
        var second: Int32
        var firstWeight: Int16
        var secondWeight: Int16
    }

    /// What stands still at the border: across, the weights (all on the border sample); down, only the samples.
    enum Border { case weights, samples }

    /// The taps of every result sample along one axis.
    struct Axis {
        private(set) var taps: [Tap] = []
        /// How many source samples there are; every tap is below it.
        private(set) var source = 0

        init() {}

        init(from source: Int, to target: Int, border: Border) {
            self.source = source
            // Twice the reciprocal, as OpenCV gets its scale; source / target could differ in the last bit.
            let scale = 1 / (Double(target) / Double(source))
            taps = (0..<target).map { index in
                let centre = Float((Double(index) + 0.5) * scale - 0.5)
                var first = Int(centre.rounded(.down))
                var fraction = centre - Float(first)
                if border == .weights && (first < 0 || first >= source - 1) { fraction = 0 }
                let second = min(max(first + 1, 0), source - 1)
                first = min(max(first, 0), source - 1)
                return Tap(
                    first: Int32(first), second: Int32(second),
                    firstWeight: Int16((2048 * (1 - fraction)).rounded(.toNearestOrEven)),
                    secondWeight: Int16((2048 * fraction).rounded(.toNearestOrEven)))
            }
        }
    }

    /// The two source rows last brought to the result's width, channel by channel, as sixteenths of the weighted sums.
    struct RowCache {
        private var upper: [Int16] = []
        private var lower: [Int16] = []
        private var upperRow: Int32 = -1
        private var lowerRow: Int32 = -1

        /// Another picture begins.
        mutating func forget() {
            (upperRow, lowerRow) = (-1, -1)
        }

        /// Writes one result row, `tap` saying of which source rows and `columns` how to go across.
        mutating func blend(
            _ tap: Tap, of picture: Picture, columns: Axis, window: Range<Int>, into target: inout MutableSpan<UInt8>
        ) {
            let count = window.count * picture.channels
            if upper.count < count {
                upper = [Int16](repeating: 0, count: count)
                lower = upper
            }
            if lowerRow == tap.first {
                swap(&upper, &lower)
                swap(&upperRow, &lowerRow)
            }
            if upperRow != tap.first {
                Self.across(Int(tap.first), of: picture, columns: columns, window: window, into: &upper)
                upperRow = tap.first
            }
            if tap.second != tap.first && lowerRow != tap.second {
                Self.across(Int(tap.second), of: picture, columns: columns, window: window, into: &lower)
                lowerRow = tap.second
            }
            let below = tap.second == tap.first ? upper : lower
            Self.down(upper.span, below.span, tap, into: &target)
        }

        /// One source row brought to the result's width.
        private static func across(
            _ row: Int, of picture: Picture, columns: Axis, window: Range<Int>, into sums: inout [Int16]
        ) {
            let stride = picture.width * picture.channels
            let pixels = picture.bytes.span.extracting(row * stride..<(row + 1) * stride)
            let taps = columns.taps.span.extracting(window)
            var sums = sums.mutableSpan
            precondition(columns.source == picture.width)
            if picture.channels == 3 {
                acrossColor(pixels, taps, into: &sums)
            } else {
                across(pixels, taps, channels: picture.channels, into: &sums)
            }
        }

        /// Three channels in one word, 21 bits apart: no weighted sum has more than 20.
        ///
        /// Taps lie in the row.
        private static func acrossColor(
            _ pixels: Span<UInt8>, _ taps: Span<Tap>, into sums: inout MutableSpan<Int16>
        ) {
            let count = taps.count
            precondition(sums.count >= 3 * count)
            func weighted(_ pixel: Int32, _ weight: Int16) -> UInt64 {
                let at = 3 &* Int(pixel)
                let (blue, green, red) = unsafe (
                    UInt64(pixels[unchecked: at]), UInt64(pixels[unchecked: at &+ 1]),
                    UInt64(pixels[unchecked: at &+ 2])
                )
                return (blue | green << 21 | red << 42) &* UInt64(truncatingIfNeeded: weight)
            }
            for x in 0..<count {
                let tap = unsafe taps[unchecked: x]
                let sum = weighted(tap.first, tap.firstWeight) &+ weighted(tap.second, tap.secondWeight)
                for channel in 0..<3 {
                    unsafe sums[unchecked: channel &* count &+ x] = Int16(
                        truncatingIfNeeded: sum >> (21 &* channel &+ 4))
                }
            }
        }

        private static func across(
            _ pixels: Span<UInt8>, _ taps: Span<Tap>, channels: Int, into sums: inout MutableSpan<Int16>
        ) {
            precondition(sums.count >= channels * taps.count)
            for x in 0..<taps.count {
                let tap = taps[x]
                let first = Int(tap.first) &* channels
                let second = Int(tap.second) &* channels
                for channel in 0..<channels {
                    let sum =
                        Int32(pixels[first &+ channel]) &* Int32(tap.firstWeight)
                        &+ Int32(pixels[second &+ channel]) &* Int32(tap.secondWeight)
                    sums[channel &* taps.count &+ x] = Int16(truncatingIfNeeded: sum >> 4)
                }
            }
        }

        /// The weighted sum of two such rows, rounded to bytes in OpenCV's two steps.
        private static func down(
            _ above: Span<Int16>, _ below: Span<Int16>, _ tap: Tap, into target: inout MutableSpan<UInt8>
        ) {
            precondition(above.count >= target.count && below.count >= target.count)
            let (upper, lower) = (Int32(tap.firstWeight), Int32(tap.secondWeight))
            for index in 0..<target.count {
                let sum = ((Int32(above[index]) &* upper) >> 16) &+ ((Int32(below[index]) &* lower) >> 16)
                target[index] = UInt8(truncatingIfNeeded: (sum &+ 2) >> 2)
            }
        }
    }
}
