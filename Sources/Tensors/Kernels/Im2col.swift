/// A convolution's windows as the columns of a matrix, and back: what turns a convolution into a product.
///
/// The matrix of one sample is (C · kernel height · kernel width) × (H' · W'); a group's rows lie together.
/// Caffe: util/im2col.cpp.
package enum Im2col {
    /// Writes the matrix of one sample's C × H × W; what lies in the pad is zero.
    package static func unroll(
        _ image: Span<Float>, _ geometry: ConvolutionGeometry, into columns: inout MutableSpan<Float>
    ) {
        let plan = Plan(geometry)
        precondition(image.count == plan.imageCount && columns.count == plan.columnCount, "im2col of \(geometry)")
        unsafe image.withUnsafeBufferPointer { image in
            unsafe columns.withUnsafeMutableBufferPointer { columns in
                nonisolated(unsafe) let from = unsafe image.baseAddress.unsafelyUnwrapped
                nonisolated(unsafe) let to = unsafe columns.baseAddress.unsafelyUnwrapped
                Threads.parallel(plan.channels, grain: plan.grain) { channels in
                    for channel in channels {
                        unsafe plan.unroll(
                            from + channel * plan.channelCount, into: to + channel * plan.channelColumnCount)
                    }
                }
            }
        }
    }

    /// Writes one sample's C × H × W as the sum of what the matrix holds for each of its values.
    package static func fold(
        _ columns: Span<Float>, _ geometry: ConvolutionGeometry, into image: inout MutableSpan<Float>
    ) {
        let plan = Plan(geometry)
        precondition(image.count == plan.imageCount && columns.count == plan.columnCount, "col2im of \(geometry)")
        unsafe columns.withUnsafeBufferPointer { columns in
            unsafe image.withUnsafeMutableBufferPointer { image in
                nonisolated(unsafe) let from = unsafe columns.baseAddress.unsafelyUnwrapped
                nonisolated(unsafe) let to = unsafe image.baseAddress.unsafelyUnwrapped
                Threads.parallel(plan.channels, grain: plan.grain) { channels in
                    for channel in channels {
                        unsafe plan.fold(
                            from + channel * plan.channelColumnCount, into: to + channel * plan.channelCount)
                    }
                }
            }
        }
    }
}

/// One channel's loops.
private struct Plan {
    let channels: Int
    let height: Int
    let width: Int
    let outputHeight: Int
    let outputWidth: Int
    let kernel: Extent
    let stride: Extent
    let pad: Extent
    let dilation: Extent

    init(_ geometry: ConvolutionGeometry) {
        let output = geometry.output
        channels = geometry.input[1]
        height = geometry.input[2]
        width = geometry.input[3]
        outputHeight = output[2]
        outputWidth = output[3]
        kernel = geometry.kernel
        stride = geometry.stride
        pad = geometry.pad
        dilation = geometry.dilation
    }

    var channelCount: Int { height * width }
    var imageCount: Int { channels * channelCount }
    var channelColumnCount: Int { kernel.height * kernel.width * outputHeight * outputWidth }
    var columnCount: Int { channels * channelColumnCount }
    /// So many channels are worth a thread.
    var grain: Int { max(1, (1 << 15) / max(1, channelColumnCount)) }

    /// The output columns whose input column `first + x · stride` lies in the image.
    private func inside(_ first: Int) -> Range<Int> {
        let lower = first < 0 ? (-first + stride.width - 1) / stride.width : 0
        let upper = first < width ? (width - 1 - first) / stride.width + 1 : 0
        let end = min(max(upper, 0), outputWidth)
        return min(lower, end)..<end
    }

    /// Calls `body` for each row of columns: its start, the image's row (nil in the pad), and the first image column.
    private func forEachRow(_ body: (_ row: Int, _ imageRow: Int?, _ first: Int, _ inside: Range<Int>) -> Void) {
        var row = 0
        for kernelRow in 0..<kernel.height {
            for kernelColumn in 0..<kernel.width {
                let first = kernelColumn * dilation.width - pad.width
                let inside = inside(first)
                for y in 0..<outputHeight {
                    let imageRow = y * stride.height + kernelRow * dilation.height - pad.height
                    body(row, (0..<height).contains(imageRow) ? imageRow * width : nil, first, inside)
                    row += outputWidth
                }
            }
        }
    }

    func unroll(_ image: UnsafePointer<Float>, into columns: UnsafeMutablePointer<Float>) {
        forEachRow { row, imageRow, first, inside in
            let to = unsafe columns + row
            guard let imageRow else { return unsafe to.update(repeating: 0, count: outputWidth) }
            unsafe to.update(repeating: 0, count: inside.lowerBound)
            let from = unsafe image + imageRow + first
            if stride.width == 1 {
                unsafe (to + inside.lowerBound).update(from: from + inside.lowerBound, count: inside.count)
            } else {
                for x in inside { unsafe to[x] = from[x &* stride.width] }
            }
            unsafe (to + inside.upperBound).update(repeating: 0, count: outputWidth - inside.upperBound)
        }
    }

    func fold(_ columns: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        unsafe image.update(repeating: 0, count: channelCount)
        forEachRow { row, imageRow, first, inside in
            guard let imageRow else { return }
            let from = unsafe columns + row
            let to = unsafe image + imageRow + first
            if stride.width == 1 {
                for x in inside { unsafe to[x] += from[x] }
            } else {
                for x in inside { unsafe to[x &* stride.width] += from[x] }
            }
        }
    }
}
