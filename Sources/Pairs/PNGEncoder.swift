internal import CPNG

/// Pictures to PNG files by libpng, as small as its compression makes them.
enum PNGEncoder {
    /// A picture of one channel (grey) or three (B, G, R) as the bytes of a PNG file.
    static func encode(_ picture: Picture) -> [UInt8] {
        let form = picture.channels == 1 ? CPNG_GREY : CPNG_BGR
        precondition(picture.width > 0 && picture.height > 0 && picture.channels == Int(form.rawValue))
        return unsafe picture.bytes.withUnsafeBufferPointer { pixels in
            var count = 0
            guard let start = pixels.baseAddress,
                let file = unsafe cpng_encode(start, UInt32(picture.width), UInt32(picture.height), form, &count)
            else { fatalError("no memory for a PNG file") }
            defer { unsafe cpng_free(file) }
            return unsafe Array(UnsafeBufferPointer(start: file, count: count))
        }
    }
}
