/// JPEG and PNG files to pixels with the result of Caffe's `ReadImageToCVMat`, that is OpenCV's `imread`: B, G, R or
/// grey, CMYK converted, turned as EXIF says.
///
/// What a file is, its content says, not its name. Where OpenCV makes up what a damaged file lacks, this throws. One decoder serves one thread and keeps its memory.
@safe package final class ImageDecoder {
    /// More pixels than any camera takes; beyond it a small file could ask for all memory.
    package static let defaultPixelLimit = 100_000_000

    private let jpeg = JPEGDecoder()
    private let png = PNGDecoder()
    private let pixelLimit: Int
    private let search: PathSearch
    private let file = FileBuffer()
    /// The picture as it is stored, where that is not yet the result.
    private var raw = Picture()
    private var converted = Picture()

    package init(search: PathSearch = PathSearch(), pixelLimit: Int = ImageDecoder.defaultPixelLimit) {
        self.search = search
        self.pixelLimit = pixelLimit
    }

    /// The size of an image, turned the right way up; decodes the header only.
    package func size(of path: String) throws(ImageError) -> ImageError.Size {
        try unsafe open(try read(path), name: path).header.size
    }

    /// The header of an image file that lies in memory.
    func header(of bytes: UnsafeBufferPointer<UInt8>, name: String) throws(ImageError) -> ImageHeader {
        try unsafe open(bytes, name: name).header
    }

    /// Decodes an image into `picture`: three channels B, G, R, or one when not `isColor`.
    ///
    /// - Parameter size: what the picture will be resized to, if it may be decoded at a fraction of its size where that
    ///   is at least as large (`PixelDecoder.shrink`); nil: as OpenCV does it.
    func decode(
        _ path: String, isColor: Bool, covering size: ImageError.Size? = nil, into picture: inout Picture
    ) throws(ImageError) {
        try unsafe decode(try read(path), name: path, isColor: isColor, covering: size, into: &picture)
    }

    /// Decodes an image file that lies in memory; `name` is for errors.
    func decode(
        _ bytes: UnsafeBufferPointer<UInt8>, name: String, isColor: Bool, covering size: ImageError.Size? = nil,
        into picture: inout Picture
    ) throws(ImageError) {
        var (decoder, header) = try unsafe open(bytes, name: name)
        do throws(PixelFault) {
            if let size { header = try decoder.shrink(header, toCover: header.turned(size)) }
            try decode(header, by: decoder, isColor: isColor, into: &picture)
        } catch {
            throw ImageError(error, name: name, format: decoder.format)
        }
    }

    private func read(_ path: String) throws(ImageError) -> UnsafeBufferPointer<UInt8> {
        do {
            try file.read(search.candidates(path), limit: FileBuffer.imageLimit)
        } catch {
            throw .unreadable(file: path, reason: error.reason + search.places(path))
        }
        return unsafe file.bytes.bindMemory(to: UInt8.self)
    }

    /// Makes sure that the bytes are an image of bearable size, and reads its header.
    private func open(
        _ bytes: UnsafeBufferPointer<UInt8>, name: String
    ) throws(ImageError) -> (decoder: any PixelDecoder, header: ImageHeader) {
        let decoder: any PixelDecoder
        switch unsafe FileKind(Array(bytes.prefix(FileKind.prefix))) {
        case .jpeg: decoder = jpeg
        case .png: decoder = png
        case .other(let kind): throw .notImage(file: name, kind: kind)
        }
        let header: ImageHeader
        do throws(PixelFault) {
            header = try unsafe decoder.readHeader(bytes)
        } catch {
            throw ImageError(error, name: name, format: decoder.format)
        }
        guard header.width * header.height <= pixelLimit else {
            throw .tooLarge(file: name, width: header.width, height: header.height, limit: pixelLimit)
        }
        return (decoder, header)
    }

    private func decode(
        _ header: ImageHeader, by decoder: any PixelDecoder, isColor: Bool, into picture: inout Picture
    ) throws(PixelFault) {
        let channels = header.isCMYK ? 4 : isColor ? 3 : 1
        switch (header.isCMYK, header.orientation.isUpright) {
        case (false, true):
            try decoder.readPixels(header, channels: channels, into: &picture)
        case (false, false):
            try decoder.readPixels(header, channels: channels, into: &raw)
            header.orientation.turn(raw, into: &picture)
        case (true, true):
            try decoder.readPixels(header, channels: channels, into: &raw)
            CMYK.convert(raw, isColor: isColor, into: &picture)
        case (true, false):
            try decoder.readPixels(header, channels: channels, into: &raw)
            CMYK.convert(raw, isColor: isColor, into: &converted)
            header.orientation.turn(converted, into: &picture)
        }
    }
}

extension ImageError {
    fileprivate init(_ fault: PixelFault, name: String, format: String) {
        self =
            fault.isDamage
            ? .damaged(file: name, format: format, reason: fault.reason)
            : .undecodable(file: name, format: format, reason: fault.reason)
    }
}
