import Pairs
import TestSupport
import Testing

struct PNGDecoderTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Grey, palette, RGB and RGBA, whose alpha is dropped, bit for bit as Caffe read them.
    @Test(arguments: ["gray", "palette", "rgb", "rgba"])
    func matchesCaffe(kind: String) throws {
        let golden = try Golden.array("preproc/native_extra/png_\(kind).png.npy")
        let path = Golden.path("images_extra/png_\(kind).png")
        #expect(try readNative(path) == golden.values)
        let size = try ImageDecoder().size(of: path)
        #expect([size.height, size.width] == Array(golden.shape.dropFirst()))
    }

    @Test func greyMatchesCaffe() throws {
        let golden = try Golden.array("preproc/native_extra/png_rgb.png.gray.npy")
        let found = try readNative(Golden.path("images_extra/png_rgb.png"), isColor: false)
        #expect(found == golden.values)
    }

    /// Of 16 bits the upper 8 count; C × H × W with B first.
    @Test func sixteenBitsBecomeEight() throws {
        let samples = [0x0102, 0x80ff, 0xff00, 0x1234, 0x5678, 0x9abc]
        let color = try scratch.write("c.png", PNGFile.make(width: 2, height: 1, bits: 16, samples: samples))
        #expect(try readNative(color) == [0xff, 0x9a, 0x80, 0x56, 0x01, 0x12])
        let grey = try scratch.write(
            "g.png", PNGFile.make(width: 2, height: 1, bits: 16, colorType: 0, samples: [0x40ff, 0xc001]))
        #expect(try readNative(grey, isColor: false) == [0x40, 0xc0])
        #expect(try readNative(grey) == [0x40, 0xc0, 0x40, 0xc0, 0x40, 0xc0])
    }

    @Test func alphaIsDropped() throws {
        let grey = try scratch.write(
            "a.png", PNGFile.make(width: 2, height: 1, colorType: 4, samples: [10, 0, 20, 255]))
        #expect(try readNative(grey, isColor: false) == [10, 20])
        let color = try scratch.write("b.png", PNGFile.make(width: 1, height: 1, colorType: 6, samples: [1, 2, 3, 0]))
        #expect(try readNative(color) == [3, 2, 1])
    }

    /// An eXIf chunk with the orientation "turn right": the right column of the upright picture is the upper row.
    @Test func orientationIsApplied() throws {
        let tiff: [UInt8] =
            Array("MM".utf8) + [0, 42, 0, 0, 0, 8] + [0, 1] + [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0] + [0, 0, 0, 0]
        let file = PNGFile.make(
            width: 3, height: 2, colorType: 0, samples: [1, 2, 3, 4, 5, 6], chunks: PNGFile.chunk("eXIf", tiff))
        let path = try scratch.write("turned.png", file)
        #expect(try ImageDecoder().size(of: path) == .init(width: 2, height: 3))
        #expect(try readNative(path, isColor: false) == [4, 1, 5, 2, 6, 3])
    }

    /// The name does not matter.
    @Test func contentDecides() throws {
        let path = try scratch.write("picture.jpg", try bytes(of: Golden.path("images_extra/png_rgb.png")))
        #expect(try readNative(path) == readNative(Golden.path("images_extra/png_rgb.png")))
    }

    @Test func cutOffFilesAreRefused() throws {
        let whole = try bytes(of: Golden.path("images_extra/png_palette.png"))
        for length in [whole.count / 2, whole.count - 12, 20, 8] {
            let path = try scratch.write("cut.png", whole[..<length])
            let error = #expect(throws: ImageError.self) { try readNative(path) }
            #expect(
                error?.description == """
                    \(path): the PNG is damaged or cut off: the file ends early; \
                    replace it, or take its line out of all lists
                    """)
        }
    }

    /// Whatever byte is overwritten, the answer is a picture or an error, and the decoder lives on.
    @Test func survivesDamageOfAnyKind() throws {
        let whole = try bytes(of: Golden.path("images_extra/png_rgba.png"))
        var refused = 0
        for position in Array(0..<64) + Array(stride(from: 64, to: whole.count, by: 397)) {
            var broken = whole
            broken[position] ^= 0x55
            let path = try scratch.write("broken.png", broken)
            do { _ = try readNative(path) } catch { refused += 1 }
        }
        #expect(refused > 60)
        #expect(try readNative(Golden.path("images_extra/png_rgba.png")).count > 0)
    }

    /// Dimensions are looked at before memory is asked for.
    @Test func largePicturesAreRefused() throws {
        let file = PNGFile.signature + PNGFile.header(width: 65500, height: 65500) + PNGFile.chunk("IDAT", [])
        let bomb = try scratch.write("bomb.png", file)
        let error = #expect(throws: ImageError.self) { try readNative(bomb) }
        #expect(error == .tooLarge(file: bomb, width: 65500, height: 65500, limit: 100_000_000))
        let path = try scratch.write("none.png", PNGFile.signature + PNGFile.header(width: 0, height: 1))
        let none = #expect(throws: ImageError.self) { try readNative(path) }
        #expect(none?.description == "\(path): can't decode this PNG: Invalid IHDR data")
    }
}
