/// Decoded pixels: rows from the top, channels together (B, G, R, or grey alone), a byte each.
///
/// The bytes are kept and only grow, so that one picture after another needs no new memory.
struct Picture {
    struct Dimensions: Equatable {
        var height = 0
        var width = 0
        var channels = 1

        var count: Int { height * width * channels }
        var size: ImageError.Size { .init(width: width, height: height) }
    }

    private(set) var dimensions = Dimensions()
    /// At least `dimensions.count` bytes; what lies beyond is left from a larger picture.
    var bytes: [UInt8] = []

    var height: Int { dimensions.height }
    var width: Int { dimensions.width }
    var channels: Int { dimensions.channels }

    /// Makes room for other dimensions; the pixels are undefined until they are written.
    mutating func reshape(width: Int, height: Int, channels: Int) {
        dimensions = Dimensions(height: height, width: width, channels: channels)
        if bytes.count < dimensions.count { bytes = [UInt8](repeating: 0, count: dimensions.count) }
    }
}
