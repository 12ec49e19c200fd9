internal import Tensors

/// One thread's way from an image file to floats in a blob: decode, resize, transform; its memory is kept.
package final class ImageReader {
    private let column: ImageColumn
    private let geometry: ImageColumn.Geometry
    private let search: PathSearch
    private let options: DecodingOptions
    private let decoder: ImageDecoder
    private var picture = Picture()
    private let writer: SampleWriter
    /// The memory of a picture that has left the cache, for the next one.
    private var spare: [UInt8] = []

    /// A reader for one column, whose `geometry` the caller has asked for.
    package init(
        _ column: ImageColumn, _ geometry: ImageColumn.Geometry, search: PathSearch,
        options: DecodingOptions = DecodingOptions()
    ) {
        self.column = column
        self.geometry = geometry
        self.search = search
        self.options = options
        decoder = ImageDecoder(search: search, pixelLimit: options.pixelLimit)
        writer = SampleWriter(column.transform, height: geometry.picture[1], width: geometry.picture[2])
    }

    /// Reads an image as the sample at a global position, in Caffe's order C × H × W.
    package func read(_ path: String, position: Int, into target: inout MutableSpan<Float>) throws(ImageError) {
        if let cache = options.cache {
            let entry = try entry(path, cache)
            let size = entry.dimensions
            writer.write(
                planes: entry.planes.span, channels: size.channels, height: size.height, width: size.width,
                position: position, into: &target)
        } else {
            try decode(path)
            writer.write(picture, position: position, into: &target)
        }
    }

    /// What is wrong with an image, if anything: decodes it, and leaves it.
    func fault(_ path: String) -> ImageError? {
        do throws(ImageError) {
            try decode(path)
            return nil
        } catch {
            return error
        }
    }

    /// The resized picture out of the cache, or decoded and put there.
    private func entry(_ path: String, _ cache: PictureCache) throws(ImageError) -> PictureCache.Entry {
        let key = PictureCache.Key(
            path: path, search: search, size: column.size, isColor: column.isColor, isFast: options.isFast)
        if let entry = cache.find(key) {
            try accept(entry.dimensions, of: path)
            return entry
        }
        try decode(path)
        let entry = writer.resized(picture, in: &spare)
        spare = cache.keep(entry, as: key)
        return entry
    }

    private func decode(_ path: String) throws(ImageError) {
        try decoder.decode(
            path, isColor: column.isColor, covering: options.isFast ? column.size : nil, into: &picture)
        try accept(picture.dimensions, of: path)
    }

    /// Without a resize a picture has the first one's size, or is cropped to one size.
    private func accept(_ dimensions: Picture.Dimensions, of path: String) throws(ImageError) {
        guard column.size == nil else { return }
        let first = ImageError.Size(width: geometry.picture[2], height: geometry.picture[1])
        if let error = column.sizeError(path, found: dimensions.size, first: first) { throw error }
        writer.keepSize(dimensions)
    }
}
