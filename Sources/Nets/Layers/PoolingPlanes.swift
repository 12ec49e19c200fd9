import Tensors

/// Pooling by plain loops over the H × W planes of plain blobs, for `PoolingLayer`; planes go to the rank's threads.
struct PoolingPlanes {
    private let geometry: PoolingGeometry
    private let count: Int
    private let grain: Int

    init(_ geometry: PoolingGeometry) {
        self.geometry = geometry
        count = geometry.input.count(from: 0, to: 2)
        grain = max(1, (1 << 14) / geometry.input.count(from: 2))
    }

    // MARK: MAX

    /// Writes each window's first maximum to the top's data and its index in the plane, as a float, to the winners'.
    func forwardMaximum(_ bottom: Blob, to top: Blob, winners: Blob) {
        nonisolated(unsafe) let (bottom, top, winners) = (bottom, top, winners)
        Threads.parallel(count, grain: grain) { planes in
            unsafe bottom.withData { x in
                unsafe top.withMutableData { y in
                    unsafe winners.withMutableData { winner in
                        for plane in planes { maximum(plane, x, &y, &winner) }
                    }
                }
            }
        }
    }

    private func maximum(
        _ plane: Int, _ x: Span<Float>, _ y: inout MutableSpan<Float>, _ winner: inout MutableSpan<Float>
    ) {
        let width = geometry.input[3]
        let input = plane * geometry.input.count(from: 2)
        var output = plane * geometry.output.count(from: 2)
        for row in 0..<geometry.output[2] {
            let rows = geometry.rows(row)
            for column in 0..<geometry.output[3] {
                let columns = geometry.columns(column)
                var best = rows.lowerBound * width + columns.lowerBound
                for h in rows {
                    for index in h * width + columns.lowerBound..<h * width + columns.upperBound
                    where x[input + index] > x[input + best] {
                        best = index
                    }
                }
                y[output] = x[input + best]
                winner[output] = Float(best)
                output += 1
            }
        }
    }

    /// Writes the bottom's diff: each dy goes to the cell that won.
    func backwardMaximum(_ top: Blob, winners: Blob, to bottom: Blob) {
        nonisolated(unsafe) let (bottom, top, winners) = (bottom, top, winners)
        Threads.parallel(count, grain: grain) { planes in
            unsafe bottom.withMutableDiff { dx in
                unsafe top.withDiff { dy in
                    unsafe winners.withData { winner in
                        for plane in planes { scatter(plane, dy, winner, &dx) }
                    }
                }
            }
        }
    }

    private func scatter(_ plane: Int, _ dy: Span<Float>, _ winner: Span<Float>, _ dx: inout MutableSpan<Float>) {
        let (input, output) = (geometry.input.count(from: 2), geometry.output.count(from: 2))
        for i in plane * input..<(plane + 1) * input { dx[i] = 0 }
        for o in plane * output..<(plane + 1) * output { dx[plane * input + Int(winner[o])] += dy[o] }
    }

    // MARK: AVE

    /// Writes each window's mean to the top's data.
    func forwardAverage(_ bottom: Blob, to top: Blob) {
        nonisolated(unsafe) let (bottom, top) = (bottom, top)
        Threads.parallel(count, grain: grain) { planes in
            unsafe bottom.withData { x in
                unsafe top.withMutableData { y in
                    for plane in planes { average(plane, x, &y) }
                }
            }
        }
    }

    private func average(_ plane: Int, _ x: Span<Float>, _ y: inout MutableSpan<Float>) {
        let width = geometry.input[3]
        let input = plane * geometry.input.count(from: 2)
        var output = plane * geometry.output.count(from: 2)
        for row in 0..<geometry.output[2] {
            for column in 0..<geometry.output[3] {
                var sum: Float = 0
                for h in geometry.rows(row) {
                    for w in geometry.columns(column) { sum += x[input + h * width + w] }
                }
                y[output] = sum / geometry.divisor(row, column)
                output += 1
            }
        }
    }

    /// Writes the bottom's diff: each dy goes to all cells of its window in equal parts.
    func backwardAverage(_ top: Blob, to bottom: Blob) {
        nonisolated(unsafe) let (bottom, top) = (bottom, top)
        Threads.parallel(count, grain: grain) { planes in
            unsafe bottom.withMutableDiff { dx in
                unsafe top.withDiff { dy in
                    for plane in planes { spread(plane, dy, &dx) }
                }
            }
        }
    }

    private func spread(_ plane: Int, _ dy: Span<Float>, _ dx: inout MutableSpan<Float>) {
        let width = geometry.input[3]
        let input = plane * geometry.input.count(from: 2)
        var output = plane * geometry.output.count(from: 2)
        for i in input..<input + geometry.input.count(from: 2) { dx[i] = 0 }
        for row in 0..<geometry.output[2] {
            for column in 0..<geometry.output[3] {
                let part = dy[output] / geometry.divisor(row, column)
                for h in geometry.rows(row) {
                    for w in geometry.columns(column) { dx[input + h * width + w] += part }
                }
                output += 1
            }
        }
    }
}

extension PoolingGeometry {
    /// The rows of the image under window row `index`.
    fileprivate func rows(_ index: Int) -> Range<Int> {
        Self.inside(index, kernel.height, stride.height, pad.height, input[2])
    }

    /// The columns of the image under window column `index`.
    fileprivate func columns(_ index: Int) -> Range<Int> {
        Self.inside(index, kernel.width, stride.width, pad.width, input[3])
    }

    @inline(__always)
    private static func inside(_ index: Int, _ kernel: Int, _ stride: Int, _ pad: Int, _ length: Int) -> Range<Int> {
        let start = index * stride - pad
        return max(start, 0)..<min(start + kernel, length)
    }

    /// What Caffe's average divides by: the cells of a window inside image and pad.
    fileprivate func divisor(_ row: Int, _ column: Int) -> Float {
        Float(
            Self.padded(row, kernel.height, stride.height, pad.height, input[2])
                * Self.padded(column, kernel.width, stride.width, pad.width, input[3]))
    }

    private static func padded(_ index: Int, _ kernel: Int, _ stride: Int, _ pad: Int, _ length: Int) -> Int {
        let start = index * stride - pad
        return min(start + kernel, length + pad) - start
    }
}
