import Pairs
import TestSupport
import Testing

struct ImageDecoderTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func sizeIsTurnedTheRightWayUp() throws {
        let decoder = ImageDecoder()
        for orientation in 2...8 {
            let golden = try Golden.array("preproc/native_extra/exif_orient_\(orientation).jpg.npy")
            let size = try decoder.size(of: Golden.path("images_extra/exif_orient_\(orientation).jpg"))
            #expect([size.height, size.width] == Array(golden.shape.dropFirst()))
        }
    }

    /// Caffe looks into the first APP1 marker only, whoever wrote it.
    @Test(arguments: [true, false])
    func orientationInEitherByteOrder(littleEndian: Bool) throws {
        func number(_ value: Int, bytes: Int) -> [UInt8] {
            let little = (0..<bytes).map { UInt8(value >> (8 * $0) & 0xff) }
            return littleEndian ? little : little.reversed()
        }
        let marks = Array((littleEndian ? "II" : "MM").utf8)
        func entry(tag: Int, _ value: Int) -> [UInt8] {
            number(tag, bytes: 2) + number(3, bytes: 2) + number(1, bytes: 4) + number(value, bytes: 2) + [0, 0]
        }
        let entries = entry(tag: 0x0100, 33) + entry(tag: 0x0112, 6)
        let directory = number(2, bytes: 2) + entries + [0, 0, 0, 0]
        let exif = marker(Array("Exif\0\0".utf8) + marks + number(42, bytes: 2) + number(8, bytes: 4) + directory)
        let other = marker(Array("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>".utf8))

        let plain = try bytes(of: Golden.path("images_extra/samp_420_33x17.jpg"))
        let turned = try scratch.write("turned.jpg", plain[..<2] + exif + other + plain[2...])
        #expect(try ImageDecoder().size(of: turned) == .init(width: 17, height: 33))
        let second = try scratch.write("second.jpg", plain[..<2] + other + exif + plain[2...])
        #expect(try ImageDecoder().size(of: second) == .init(width: 33, height: 17))
        for length in stride(from: 0, to: exif.count - 4, by: 1) {
            let cut = try scratch.write("cut.jpg", plain[..<2] + marker(Array(exif[4..<4 + length])) + plain[2...])
            _ = try ImageDecoder().size(of: cut)
        }
    }

    /// An APP1 segment with this payload.
    private func marker(_ payload: [UInt8]) -> [UInt8] {
        [0xff, 0xe1, UInt8((payload.count + 2) >> 8), UInt8((payload.count + 2) & 0xff)] + payload
    }

    @Test(arguments: ["truncated_half", "truncated_half_prog", "truncated_header"])
    func cutOffFilesAreRefused(name: String) throws {
        let path = Golden.path("images_extra/\(name).jpg")
        let error = #expect(throws: ImageError.self) { try decode(path) }
        #expect(
            error?.description == """
                \(path): the JPEG is damaged or cut off: Premature end of JPEG file; \
                replace it, or take its line out of all lists
                """)
    }

    /// Whatever is cut off or overwritten, the answer is a picture or an error, and the decoder lives on.
    @Test func survivesDamageOfAnyKind() throws {
        let whole = try bytes(of: Golden.path("images_extra/exif_orient_6.jpg"))
        var refused = 0
        for length in stride(from: 2, to: whole.count, by: 97) {
            let path = try scratch.write("cut.jpg", whole[..<length])
            #expect(throws: ImageError.self) { try decode(path) }
        }
        for position in stride(from: 2, to: whole.count, by: 13) {
            var broken = whole
            broken[position] ^= 0xff
            let path = try scratch.write("broken.jpg", broken)
            do { _ = try decode(path) } catch { refused += 1 }
        }
        #expect(refused > 0)
        #expect(try decode(Golden.path("images_extra/exif_orient_6.jpg")).count > 0)
    }

    @Test func strayBytesBetweenMarkersDoNoHarm() throws {
        let name = "images_extra/samp_420_33x17.jpg"
        let whole = try bytes(of: Golden.path(name))
        let path = try scratch.write("stray.jpg", whole.dropLast(2) + [0, 1, 2] + whole.suffix(2))
        #expect(try decode(path) == decode(Golden.path(name)))
    }

    @Test func otherKindsOfFilesAreNamed() throws {
        let kinds: [(String, [UInt8])] = [
            ("an empty file", []),
            (
                "a PNG image that was sent as text (its line ends are changed)",
                Array("\u{89}PNG\n\u{1a}\n".unicodeScalars.map { UInt8($0.value) })
            ),
            ("a BMP image", try bytes(of: Golden.path("images_extra/bmp24.bmp"))),
            ("a GIF image", Array("GIF89a....".utf8)),
            ("a WebP image", Array("RIFF\u{1}\u{2}\u{3}\u{4}WEBPVP8 ".utf8)),
            ("a TIFF image", [0x4d, 0x4d, 0, 0x2a, 0, 0]),
            ("a HEIC image", [0, 0, 0, 0x18] + Array("ftypheic".utf8)),
            ("an HTML page", Array("\n<!DOCTYPE html><html>404</html>".utf8)),
            ("a Git LFS pointer (run \"git lfs pull\")", Array("version https://git-lfs.github.com/spec/v1".utf8)),
            ("text", Array("hello, wörld\n".utf8)),
            ("a file of zeros", Array(repeating: 0, count: 4096)),
            ("data of an unknown kind (it begins with 01 02 03 ff)", [1, 2, 3, 255, 0]),
        ]
        for (kind, content) in kinds {
            let path = try scratch.write("x.jpg", content)
            let error = #expect(throws: ImageError.self) { try decode(path) }
            #expect(
                error?.description == "\(path): expected a JPEG or PNG image, found \(kind); convert it to JPEG or PNG")
        }
    }

    @Test func unreadableFiles() throws {
        let missing = #expect(throws: ImageError.self) { try decode("/none/x.jpg") }
        #expect(missing?.description == "/none/x.jpg: can't read the image: No such file or directory")
        let folder = #expect(throws: ImageError.self) { try decode(scratch.path) }
        #expect(folder?.description == "\(scratch.path): can't read the image: Is a directory")
    }

    @Test func pixelLimit() throws {
        let path = Golden.path("images/06_hubble_a.jpg")
        let error = #expect(throws: ImageError.self) { try ImageDecoder(pixelLimit: 100_000).size(of: path) }
        #expect(error == .tooLarge(file: path, width: 512, height: 512, limit: 100_000))
        // A header of 65500×65500 pixels is refused before any memory is asked for.
        var bomb = try bytes(of: path)
        let frame = try #require(bomb.indices.first { bomb[$0] == 0xff && bomb[$0 + 1] == 0xc0 })
        bomb.replaceSubrange(frame + 5..<frame + 9, with: [0xff, 0xdc, 0xff, 0xdc])
        let bombPath = try scratch.write("bomb.jpg", bomb)
        let refused = #expect(throws: ImageError.self) { try decode(bombPath) }
        #expect(
            refused?.description
                == "\(bombPath): 65500×65500 pixels are more than the 100000000 that are decoded; shrink the image, or raise "
                + "--max-pixels")
    }

    @Test func looksBesideTheDefinitionToo() throws {
        try scratch.write("a.jpg", try bytes(of: Golden.path("images_extra/one_pixel.jpg")))
        let decoder = ImageDecoder(search: PathSearch(baseDirectory: scratch.path))
        #expect(try decoder.size(of: "a.jpg") == .init(width: 1, height: 1))
    }

    /// The picture at its own size as floats.
    private func decode(_ path: String) throws -> [Float] { try readNative(path) }
}
