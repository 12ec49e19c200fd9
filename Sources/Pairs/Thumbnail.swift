/// A small picture for people to look at, or why there is none.
package enum Thumbnail: Equatable, Sendable {
    /// The bytes of a PNG file.
    case png([UInt8])
    /// A sentence.
    case missing(String)
}

/// Makes small pictures of images, as PNG files; its memory is kept from one to the next, for one thread at a time.
///
/// Images are shrunk so that no side is longer than `maxSide` pixels, and never stretched: by halves, which are means of
/// pixels, as long as that leaves enough, then by OpenCV's bilinear resize.
package final class Thumbnailer {
    package let maxSide: Int
    private let decoder: ImageDecoder
    private let file = FileBuffer()
    private var picture = Picture()

    package init(maxSide: Int = 96, pixelLimit: Int = ImageDecoder.defaultPixelLimit) {
        precondition(maxSide > 0, "a thumbnail without pixels")
        self.maxSide = maxSide
        decoder = ImageDecoder(pixelLimit: pixelLimit)
    }

    /// The thumbnail of an image file, or the sentence that says what is wrong with it.
    package func thumbnail(of path: String, search: PathSearch = PathSearch()) -> Thumbnail {
        do throws(ImageError) {
            return .png(try png(of: path, search: search))
        } catch {
            return .missing("\(error)")
        }
    }

    /// The same, and throws what is wrong.
    package func png(of path: String, search: PathSearch = PathSearch()) throws(ImageError) -> [UInt8] {
        do {
            try file.read(search.candidates(path), limit: FileBuffer.imageLimit)
        } catch {
            throw .unreadable(file: path, reason: error.reason + search.places(path))
        }
        return try unsafe png(of: file.bytes.bindMemory(to: UInt8.self), name: path)
    }

    /// Of an image file that lies in memory; grey stays grey.
    ///
    /// - Parameter name: for errors.
    func png(of bytes: UnsafeBufferPointer<UInt8>, name: String) throws(ImageError) -> [UInt8] {
        let header = try unsafe decoder.header(of: bytes, name: name)
        let (height, width) = size(height: header.size.height, width: header.size.width)
        try unsafe decoder.decode(
            bytes, name: name, isColor: header.isColor, covering: .init(width: width, height: height), into: &picture)
        return PNGEncoder.encode(shrunk(picture))
    }

    /// Of pixels that lie one channel after the other: grey, or B, G and R.
    func png(planes: Span<UInt8>, channels: Int, height: Int, width: Int) -> [UInt8] {
        precondition(planes.count == channels * height * width, "\(planes.count) bytes of pixels")
        picture.reshape(width: width, height: height, channels: channels)
        let size = height * width
        for channel in 0..<channels {
            for pixel in 0..<size { picture.bytes[pixel * channels + channel] = planes[channel * size + pixel] }
        }
        return PNGEncoder.encode(shrunk(picture))
    }

    /// What a picture is shrunk to.
    private func size(height: Int, width: Int) -> (height: Int, width: Int) {
        let longest = max(height, width)
        guard longest > maxSide else { return (height, width) }
        func scaled(_ side: Int) -> Int { max(1, (side * maxSide + longest / 2) / longest) }
        return (scaled(height), scaled(width))
    }

    private func shrunk(_ picture: Picture) -> Picture {
        let target = size(height: picture.height, width: picture.width)
        var picture = picture
        while picture.height >= 2 * target.height, picture.width >= 2 * target.width {
            picture = Self.resized(picture, height: picture.height / 2, width: picture.width / 2)
        }
        return (picture.height, picture.width) == target
            ? picture : Self.resized(picture, height: target.height, width: target.width)
    }

    private static func resized(_ picture: Picture, height: Int, width: Int) -> Picture {
        var resize = Resize(height: height, width: width)
        var result = Picture()
        let channels = picture.channels
        result.reshape(width: width, height: height, channels: channels)
        var row = [UInt8](repeating: 0, count: width * channels)
        resize.begin(picture)
        for y in 0..<height {
            var values = row.mutableSpan
            resize.row(y, of: picture, window: 0..<width, into: &values)
            for channel in 0..<channels {
                for x in 0..<width {
                    result.bytes[(y * width + x) * channels + channel] = row[channel * width + x]
                }
            }
        }
        return result
    }
}
