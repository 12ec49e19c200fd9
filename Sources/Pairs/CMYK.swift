/// Four-colour JPEGs to B, G, R or grey with OpenCV's arithmetic: R = k − ((255 − c)·k >> 8), and so G from m, B from y,
/// where c, m, y, k are as Adobe stores them, inverted.
enum CMYK {
    /// Converts a picture of four channels into one of three, or of one when not `isColor`.
    static func convert(_ source: Picture, isColor: Bool, into picture: inout Picture) {
        picture.reshape(width: source.width, height: source.height, channels: isColor ? 3 : 1)
        let inks = source.bytes.span
        var target = picture.bytes.mutableSpan
        for pixel in 0..<source.width * source.height {
            let black = Int32(inks[4 * pixel + 3])
            func light(_ ink: Int) -> Int32 { black - (((255 - Int32(inks[4 * pixel + ink])) * black) >> 8) }
            let (red, green, blue) = (light(0), light(1), light(2))
            if isColor {
                target[3 * pixel] = UInt8(truncatingIfNeeded: blue)
                target[3 * pixel + 1] = UInt8(truncatingIfNeeded: green)
                target[3 * pixel + 2] = UInt8(truncatingIfNeeded: red)
            } else {
                target[pixel] = UInt8(truncatingIfNeeded: (1868 * blue + 9617 * green + 4899 * red + 8192) >> 14)
            }
        }
    }
}
