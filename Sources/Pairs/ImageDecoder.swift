internal import CJPEG

/// JPEG files to pixels with the result of Caffe's `ReadImageToCVMat`, that is OpenCV's `imread`: B, G, R or grey,
/// the slow integer DCT, smooth chroma, CMYK converted, turned as EXIF says.
///
/// Where OpenCV makes up what a damaged file lacks, this throws. One decoder serves one thread and keeps its memory.
@safe package final class ImageDecoder {
    /// More pixels than any camera takes; beyond it a small file could ask for all memory.
    package static let defaultPixelLimit = 100_000_000

    private let jpeg: OpaquePointer
    private let pixelLimit: Int
    private let search: PathSearch
    private let file = FileBuffer()
    /// The picture as libjpeg gives it, where that is not yet the result.
    private var raw = Picture()
    private var converted = Picture()

    package init(search: PathSearch = PathSearch(), pixelLimit: Int = ImageDecoder.defaultPixelLimit) {
        guard let jpeg = unsafe cjpeg_create() else { fatalError("no memory for a JPEG decoder") }
        unsafe self.jpeg = jpeg
        self.search = search
        self.pixelLimit = pixelLimit
    }

    deinit { unsafe cjpeg_destroy(jpeg) }

    /// The size of an image, turned the right way up; reads the header only.
    package func size(of path: String) throws(ImageError) -> ImageError.Size {
        let header = try readHeader(path)
        return header.orientation.transposes
            ? .init(width: header.height, height: header.width) : .init(width: header.width, height: header.height)
    }

    /// Decodes an image into `picture`: three channels B, G, R, or one when not `isColor`.
    func decode(_ path: String, isColor: Bool, into picture: inout Picture) throws(ImageError) {
        let header = try readHeader(path)
        let isCMYK = header.stored == CJPEG_CMYK
        let form = isCMYK ? CJPEG_CMYK : isColor ? CJPEG_BGR : CJPEG_GREY
        switch (isCMYK, header.orientation.isUpright) {
        case (false, true):
            try readPixels(path, header, form, into: &picture)
        case (false, false):
            try readPixels(path, header, form, into: &raw)
            header.orientation.turn(raw, into: &picture)
        case (true, true):
            try readPixels(path, header, form, into: &raw)
            CMYK.convert(raw, isColor: isColor, into: &picture)
        case (true, false):
            try readPixels(path, header, form, into: &raw)
            CMYK.convert(raw, isColor: isColor, into: &converted)
            header.orientation.turn(converted, into: &picture)
        }
    }

    private struct Header {
        let width: Int
        let height: Int
        let stored: cjpeg_form
        let orientation: Orientation
    }

    /// Reads the file, makes sure that it is a JPEG of bearable size, and reads its header.
    private func readHeader(_ path: String) throws(ImageError) -> Header {
        do {
            try file.read(search.candidates(path))
        } catch {
            throw .unreadable(file: path, reason: error.reason + search.places(path))
        }
        if let kind = FileKind.unlessJPEG(file.prefix(FileKind.prefix)) { throw .notJPEG(file: path, kind: kind) }

        var header = unsafe cjpeg_header()
        let bytes = unsafe file.bytes.bindMemory(to: UInt8.self)
        guard let start = bytes.baseAddress else { preconditionFailure("a file buffer without memory") }
        let status = unsafe cjpeg_read_header(jpeg, start, bytes.count, &header)
        try check(status, path)
        let (width, height) = unsafe (Int(header.width), Int(header.height))
        guard width * height <= pixelLimit else {
            throw .tooLarge(file: path, width: width, height: height, limit: pixelLimit)
        }
        let app1 = unsafe Span(_unsafeElements: UnsafeBufferPointer(start: header.app1, count: header.app1_count))
        return unsafe Header(
            width: width, height: height, stored: header.stored, orientation: Orientation(app1: app1))
    }

    private func readPixels(
        _ path: String, _ header: Header, _ form: cjpeg_form, into picture: inout Picture
    ) throws(ImageError) {
        picture.reshape(width: header.width, height: header.height, channels: Int(form.rawValue))
        let status = unsafe picture.bytes.withUnsafeMutableBufferPointer { pixels in
            unsafe pixels.baseAddress.map { unsafe cjpeg_read_pixels(jpeg, form, $0) } ?? CJPEG_OK
        }
        try check(status, path)
    }

    /// Turns libjpeg's status into an error with its words.
    private func check(_ status: cjpeg_status, _ path: String) throws(ImageError) {
        if status == CJPEG_OK { return }
        let reason = unsafe String(cString: cjpeg_message(jpeg))
        throw status == CJPEG_DAMAGED
            ? .damaged(file: path, reason: reason) : .undecodable(file: path, reason: reason)
    }
}
