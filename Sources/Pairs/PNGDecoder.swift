internal import CPNG

/// PNG by libpng as OpenCV sets it up: 16 bits cut to 8, palettes resolved, alpha dropped.
///
/// An orientation counts if it stands before the pixels (an eXIf chunk may also stand behind them).
@safe final class PNGDecoder: PixelDecoder {
    let format = "PNG"
    private let decoder: OpaquePointer

    init() {
        guard let decoder = unsafe cpng_create() else { fatalError("no memory for a PNG decoder") }
        unsafe self.decoder = decoder
    }

    deinit { unsafe cpng_destroy(decoder) }

    func readHeader(_ file: UnsafeBufferPointer<UInt8>) throws(PixelFault) -> ImageHeader {
        guard let start = file.baseAddress else { preconditionFailure("an image without memory") }
        var header = unsafe cpng_header()
        try check(unsafe cpng_read_header(decoder, start, file.count, &header))
        let exif = unsafe Span(_unsafeElements: UnsafeBufferPointer(start: header.exif, count: header.exif_count))
        return unsafe ImageHeader(
            width: Int(header.width), height: Int(header.height), isColor: header.stored != CPNG_GREY, isCMYK: false,
            orientation: Orientation(tiff: exif))
    }

    func readPixels(_ header: ImageHeader, channels: Int, into picture: inout Picture) throws(PixelFault) {
        picture.reshape(width: header.width, height: header.height, channels: channels)
        let form = cpng_form(UInt32(channels))
        let status = unsafe picture.bytes.withUnsafeMutableBufferPointer { pixels in
            unsafe pixels.baseAddress.map { unsafe cpng_read_pixels(decoder, form, $0) } ?? CPNG_OK
        }
        try check(status)
    }

    private func check(_ status: cpng_status) throws(PixelFault) {
        if status == CPNG_OK { return }
        let reason = unsafe String(cString: cpng_message(decoder))
        throw PixelFault(isDamage: status == CPNG_DAMAGED, reason: reason)
    }
}
