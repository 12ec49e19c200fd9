/// Decodes one kind of image file that lies in memory; keeps its own memory from image to image.
protocol PixelDecoder: AnyObject {
    /// "JPEG", for errors.
    var format: String { get }

    /// Reads the header of a file; its bytes must stay until the pixels have been read.
    func readHeader(_ file: UnsafeBufferPointer<UInt8>) throws(PixelFault) -> ImageHeader

    /// Makes `readPixels` decode the picture whose header was just read at a fraction of its size, if it is at least
    /// twice too large both ways; returns the header of what will come out, no smaller than asked for.
    ///
    /// - Parameter size: what is asked for, before the picture is turned the right way up.
    func shrink(_ header: ImageHeader, toCover size: ImageError.Size) throws(PixelFault) -> ImageHeader

    /// Decodes the picture whose header was just read.
    ///
    /// - Parameter channels: 3 for B, G, R or 1 for grey; 4 (C, M, Y, K) exactly where the header says CMYK.
    func readPixels(_ header: ImageHeader, channels: Int, into picture: inout Picture) throws(PixelFault)
}

extension PixelDecoder {
    /// Formats that can't leave pixels as they are.
    func shrink(_ header: ImageHeader, toCover size: ImageError.Size) throws(PixelFault) -> ImageHeader { header }
}

/// What is known of an image before its pixels are decoded.
struct ImageHeader {
    /// As stored, before it is turned the right way up.
    var width: Int
    var height: Int
    /// Whether more than grey is stored.
    let isColor: Bool
    let isCMYK: Bool
    let orientation: Orientation

    /// Turned the right way up.
    var size: ImageError.Size { turned(.init(width: width, height: height)) }

    /// A stored size the right way up, and the other way round.
    func turned(_ size: ImageError.Size) -> ImageError.Size {
        orientation.transposes ? .init(width: size.height, height: size.width) : size
    }
}

/// Why a library can't decode a file, in its own words.
struct PixelFault: Error {
    /// Whether it is the right kind of file, with part of it missing or broken.
    let isDamage: Bool
    let reason: String
}
