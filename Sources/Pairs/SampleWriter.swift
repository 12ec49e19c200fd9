/// Pixels to the floats of a sample: resize, crop, mirror, mean and scale, row by row; its memory is kept.
final class SampleWriter {
    let transform: ImageTransform
    private var resize: Resize
    private var row: [UInt8] = []

    /// `height` and `width`: what every picture is brought to before the transform.
    init(_ transform: ImageTransform, height: Int, width: Int) {
        self.transform = transform
        resize = Resize(height: height, width: width)
    }

    /// Leaves pictures of these dimensions as they are from now on.
    func keepSize(_ picture: Picture.Dimensions) {
        resize = Resize(height: picture.height, width: picture.width)
    }

    /// Writes a picture as the sample at a global position, in Caffe's order C × H × W.
    func write(_ picture: Picture, position: Int, into target: inout MutableSpan<Float>) {
        resize.begin(picture)
        let window = transform.window(height: resize.height, width: resize.width, position: position)
        let (width, channels) = (window.columns.count, picture.channels)
        precondition(target.count == channels * window.rows.count * width, "\(target.count) floats for \(window)")
        if row.count != width * channels { row = [UInt8](repeating: 0, count: width * channels) }
        for (index, y) in window.rows.enumerated() {
            var pixels = row.mutableSpan
            resize.row(y, of: picture, window: window.columns, into: &pixels)
            for channel in 0..<channels {
                transform.apply(
                    to: row.span.extracting(channel * width..<(channel + 1) * width), channel: channel, y: y,
                    height: resize.height, width: resize.width, window: window,
                    into: &target, at: (channel * window.rows.count + index) * width)
            }
        }
    }

    /// A picture after the resize; takes over the memory that is `spare`, if it has the right size.
    func resized(_ picture: Picture, in spare: inout [UInt8]) -> PictureCache.Entry {
        let dimensions = Picture.Dimensions(height: resize.height, width: resize.width, channels: picture.channels)
        var planes: [UInt8] = []
        swap(&planes, &spare)
        if planes.count != dimensions.count { planes = [UInt8](repeating: 0, count: dimensions.count) }
        var target = planes.mutableSpan
        resize.planes(of: picture, into: &target)
        return PictureCache.Entry(dimensions: dimensions, planes: planes)
    }

    /// The same for pixels that lie one channel after the other and keep their size, as in a raw Datum.
    func write(
        planes: Span<UInt8>, channels: Int, height: Int, width: Int, position: Int,
        into target: inout MutableSpan<Float>
    ) {
        let window = transform.window(height: height, width: width, position: position)
        let (rows, columns) = (window.rows.count, window.columns.count)
        precondition(planes.count == channels * height * width && target.count == channels * rows * columns)
        for channel in 0..<channels {
            for (index, y) in window.rows.enumerated() {
                let first = (channel * height + y) * width + window.columns.lowerBound
                transform.apply(
                    to: planes.extracting(first..<first + columns), channel: channel, y: y, height: height,
                    width: width, window: window, into: &target, at: (channel * rows + index) * columns)
            }
        }
    }
}
