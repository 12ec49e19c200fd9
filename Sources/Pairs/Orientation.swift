/// How a camera says that it was held: the EXIF tag 0x0112, values 1 to 8.
///
/// Source: EXIF 2.3 and TIFF 6.0; what counts is what OpenCV's `imread` does, and with it Caffe: the first APP1 marker
/// only, the first IFD only.
struct Orientation: Equatable {
    /// Whether rows and columns change places, and then which of them run backwards.
    private(set) var transposes = false
    private(set) var reversesColumns = false
    private(set) var reversesRows = false

    static let upright = Orientation()

    var isUpright: Bool { self == .upright }

    /// The orientation for a value of the tag; upright for 1 and for what is none.
    init(tag: Int = 1) {
        transposes = (5...8).contains(tag)
        reversesColumns = [2, 3, 6, 7].contains(tag)
        reversesRows = [3, 4, 7, 8].contains(tag)
    }

    /// The orientation in an APP1 payload ("Exif", two zeros, a TIFF header of either byte order); upright if none.
    init(app1 payload: Span<UInt8>) {
        let header: [UInt8] = Array("Exif\0\0".utf8)
        guard payload.count > header.count, header.indices.allSatisfy({ payload[$0] == header[$0] }) else {
            self = .upright
            return
        }
        self.init(tiff: payload.extracting(droppingFirst: header.count))
    }

    /// The orientation in a TIFF of either byte order, as a PNG's eXIf chunk holds it; upright if none.
    init(tiff: Span<UInt8>) {
        self = .upright
        guard tiff.count > 8 else { return }
        let littleEndian = tiff[0] == UInt8(ascii: "I")
        func number(at offset: Int, bytes: Int) -> Int? {
            guard offset >= 0, offset + bytes <= tiff.count else { return nil }
            return (0..<bytes).reduce(0) { sum, index in
                sum << 8 | Int(tiff[offset + (littleEndian ? bytes - 1 - index : index)])
            }
        }
        guard number(at: 2, bytes: 2) == 42, let directory = number(at: 4, bytes: 4),
            let entries = number(at: directory, bytes: 2)
        else { return }
        for entry in 0..<entries {
            let offset = directory + 2 + 12 * entry
            guard let tag = number(at: offset, bytes: 2) else { return }
            if tag == 0x0112 {
                self = Orientation(tag: number(at: offset + 8, bytes: 2) ?? 1)
                return
            }
        }
    }

    /// Copies a picture, turned the right way up.
    func turn(_ source: Picture, into upright: inout Picture) {
        let (width, height, channels) = (source.width, source.height, source.channels)
        let (columns, rows) = transposes ? (height, width) : (width, height)
        upright.reshape(width: columns, height: rows, channels: channels)
        // Walking the upright picture, `across` and `down` are the steps in the source.
        let (across, down) = transposes ? (width * channels, channels) : (channels, width * channels)
        let columnStep = reversesColumns ? -across : across
        let rowStep = reversesRows ? -down : down
        let start = (reversesColumns ? (columns - 1) * across : 0) + (reversesRows ? (rows - 1) * down : 0)

        let pixels = source.bytes.span
        var target = upright.bytes.mutableSpan
        var to = 0
        for row in 0..<rows {
            var from = start + row * rowStep
            for _ in 0..<columns {
                for channel in 0..<channels { target[to + channel] = pixels[from + channel] }
                to += channels
                from += columnStep
            }
        }
    }
}
