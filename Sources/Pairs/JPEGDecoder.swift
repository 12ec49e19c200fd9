internal import CJPEG

/// JPEG by libjpeg as OpenCV sets it up: the slow integer DCT and smooth chroma.
///
/// Where libjpeg would make up what a damaged file lacks, this throws.
@safe final class JPEGDecoder: PixelDecoder {
    let format = "JPEG"
    private let decoder: OpaquePointer

    init() {
        guard let decoder = unsafe cjpeg_create() else { fatalError("no memory for a JPEG decoder") }
        unsafe self.decoder = decoder
    }

    deinit { unsafe cjpeg_destroy(decoder) }

    func readHeader(_ file: UnsafeBufferPointer<UInt8>) throws(PixelFault) -> ImageHeader {
        guard let start = file.baseAddress else { preconditionFailure("an image without memory") }
        var header = unsafe cjpeg_header()
        try check(unsafe cjpeg_read_header(decoder, start, file.count, &header))
        let app1 = unsafe Span(_unsafeElements: UnsafeBufferPointer(start: header.app1, count: header.app1_count))
        return unsafe ImageHeader(
            width: Int(header.width), height: Int(header.height), isColor: header.stored != CJPEG_GREY,
            isCMYK: header.stored == CJPEG_CMYK,
            orientation: Orientation(app1: app1))
    }

    func shrink(_ header: ImageHeader, toCover size: ImageError.Size) throws(PixelFault) -> ImageHeader {
        func covers(_ eighths: Int) -> Bool {
            header.width * eighths >= 8 * size.width && header.height * eighths >= 8 * size.height
        }
        // Halves, quarters and eighths: libjpeg-turbo has no fast code for what lies between.
        guard let eighths = [1, 2, 4].first(where: covers) else { return header }
        var (width, height) = (UInt32(0), UInt32(0))
        try check(unsafe cjpeg_scale(decoder, UInt32(eighths), &width, &height))
        var smaller = header
        (smaller.width, smaller.height) = (Int(width), Int(height))
        return smaller
    }

    func readPixels(_ header: ImageHeader, channels: Int, into picture: inout Picture) throws(PixelFault) {
        picture.reshape(width: header.width, height: header.height, channels: channels)
        let form = cjpeg_form(UInt32(channels))
        let status = unsafe picture.bytes.withUnsafeMutableBufferPointer { pixels in
            unsafe pixels.baseAddress.map { unsafe cjpeg_read_pixels(decoder, form, $0) } ?? CJPEG_OK
        }
        try check(status)
    }

    private func check(_ status: cjpeg_status) throws(PixelFault) {
        if status == CJPEG_OK { return }
        let reason = unsafe String(cString: cjpeg_message(decoder))
        throw PixelFault(isDamage: status == CJPEG_DAMAGED, reason: reason)
    }
}
