/// Brings pictures to one size with the result of OpenCV's `resize` (bilinear, 8 bits, fixed point), bit for bit.
///
/// Works row by row: a row of the result is a weighted sum of two source rows, each of which is first shrunk or
/// stretched across; the two last such rows are kept, since the next row of the result often needs them again.
/// Rows come out one channel after the other, as blobs have them.
struct Resize {
    /// Result height and width.
    let height: Int
    let width: Int
    private var source = Picture.Dimensions()
    private var method = Method.copy
    private var columns = Bilinear.Axis()
    private var rows = Bilinear.Axis()
    private var cache = Bilinear.RowCache()
    private var line: [UInt8] = []

    /// What OpenCV does: nothing at the same size, means of 2×2 at exactly half of it, else bilinear.
    private enum Method { case copy, half, bilinear }

    init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    /// Gets ready for the rows of another picture; cheap when its size is that of the one before.
    mutating func begin(_ picture: Picture) {
        cache.forget()
        if picture.dimensions == source { return }
        source = picture.dimensions
        if (source.height, source.width) == (height, width) {
            method = .copy
        } else if (source.height, source.width) == (2 * height, 2 * width) {
            method = .half
        } else {
            method = .bilinear
            columns = Bilinear.Axis(from: source.width, to: width, border: .weights)
            rows = Bilinear.Axis(from: source.height, to: height, border: .samples)
        }
    }

    /// Writes the columns `window` of row `y`: window.count values of the first channel, then of the next.
    mutating func row(_ y: Int, of picture: Picture, window: Range<Int>, into target: inout MutableSpan<UInt8>) {
        precondition(picture.dimensions == source && target.count == window.count * source.channels)
        switch method {
        case .copy: Self.copyRow(y, of: picture, window: window, into: &target)
        case .half: Self.halveRows(y, of: picture, window: window, into: &target)
        case .bilinear:
            let (rows, columns) = (rows, columns)
            cache.blend(rows.taps[y], of: picture, columns: columns, window: window, into: &target)
        }
    }

    /// Writes the whole picture, one channel after the other (channels × height × width), from `start` on.
    mutating func planes(of picture: Picture, into target: inout MutableSpan<UInt8>, at start: Int = 0) {
        begin(picture)
        var line: [UInt8] = []
        swap(&line, &self.line)
        defer { swap(&line, &self.line) }
        if line.count != picture.channels * width { line = [UInt8](repeating: 0, count: picture.channels * width) }
        for y in 0..<height {
            var values = line.mutableSpan
            row(y, of: picture, window: 0..<width, into: &values)
            for channel in 0..<picture.channels {
                let first = start + (channel * height + y) * width
                for x in 0..<width { target[first + x] = values[channel * width + x] }
            }
        }
    }

    private static func copyRow(
        _ y: Int, of picture: Picture, window: Range<Int>, into target: inout MutableSpan<UInt8>
    ) {
        let pixels = picture.bytes.span
        let channels = picture.channels
        for channel in 0..<channels {
            var from = (y * picture.width + window.lowerBound) * channels + channel
            for to in channel * window.count..<(channel + 1) * window.count {
                target[to] = pixels[from]
                from += channels
            }
        }
    }

    private static func halveRows(
        _ y: Int, of picture: Picture, window: Range<Int>, into target: inout MutableSpan<UInt8>
    ) {
        let pixels = picture.bytes.span
        let (channels, stride) = (picture.channels, picture.width * picture.channels)
        for channel in 0..<channels {
            var from = 2 * y * stride + 2 * window.lowerBound * channels + channel
            for to in channel * window.count..<(channel + 1) * window.count {
                let above = Int32(pixels[from]) + Int32(pixels[from + channels])
                let below = Int32(pixels[from + stride]) + Int32(pixels[from + stride + channels])
                target[to] = UInt8(truncatingIfNeeded: (above + below + 2) >> 2)
                from += 2 * channels
            }
        }
    }
}
