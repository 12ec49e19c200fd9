internal import Tensors

/// One thread's way from an image file to floats in a blob: decode, resize, transform; its memory is kept.
package final class ImageReader {
    private let column: ImageColumn
    private let geometry: ImageColumn.Geometry
    private let decoder: ImageDecoder
    private var picture = Picture()
    private var resize: Resize
    private var row: [UInt8] = []

    /// A reader for one column, whose `geometry` the caller has asked for.
    package init(
        _ column: ImageColumn, _ geometry: ImageColumn.Geometry, search: PathSearch,
        pixelLimit: Int = ImageDecoder.defaultPixelLimit
    ) {
        self.column = column
        self.geometry = geometry
        decoder = ImageDecoder(search: search, pixelLimit: pixelLimit)
        resize = Resize(height: geometry.picture[1], width: geometry.picture[2])
    }

    /// Reads an image as the sample at a global position, in Caffe's order C × H × W.
    package func read(_ path: String, position: Int, into target: inout MutableSpan<Float>) throws(ImageError) {
        precondition(target.count == geometry.sample.count, "\(target.count) floats for \(geometry.sample)")
        try decoder.decode(path, isColor: column.isColor, into: &picture)
        if column.size == nil { try acceptSize(of: path) }
        resize.begin(picture)

        let transform = column.transform
        let window = transform.window(height: resize.height, width: resize.width, position: position)
        let (width, channels) = (window.columns.count, picture.channels)
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

    /// Without a resize a picture has the first one's size, or is cropped to one size.
    private func acceptSize(of path: String) throws(ImageError) {
        let found = picture.dimensions.size
        let expected = ImageError.Size(width: geometry.picture[2], height: geometry.picture[1])
        if found != expected {
            let crop = column.transform.cropSize
            if case .image = column.transform.mean { throw .wrongSize(file: path, found: found, expected: expected) }
            if crop == 0 { throw .wrongSize(file: path, found: found, expected: expected) }
            if min(found.width, found.height) < crop { throw .smallerThanCrop(file: path, found: found, crop: crop) }
        }
        resize = Resize(height: found.height, width: found.width)
    }
}
