import Pairs
import TestSupport
import Testing

struct ThumbnailTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A small picture is kept as it is: what our decoder reads of the PNG are the pixels that were there.
    @Test(arguments: ["gray", "palette", "rgb", "rgba"])
    func smallPicturesAreKeptExactly(kind: String) throws {
        let path = Golden.path("images_extra/png_\(kind).png")
        let png = try Thumbnailer(maxSide: 150).png(of: path)
        let copy = try scratch.write("copy.png", png)
        #expect(try readNative(copy) == readNative(path))
        #expect(try ImageDecoder().size(of: copy) == .init(width: 150, height: 100))
        #expect(png[25] == (kind == "gray" ? 0 : 2), "grey stays grey (the header's colour type)")
    }

    @Test(arguments: [
        ("images/02_chelsea_a.jpg", 96, 64), ("images_extra/tall_3x300.jpg", 1, 96),
        ("images_extra/one_pixel.jpg", 1, 1),
        ("images_extra/exif_orient_6.jpg", 60, 90), ("images_extra/ycck_420.jpg", 96, 64),
    ])
    func largePicturesAreShrunk(file: String, width: Int, height: Int) throws {
        let path = Golden.path(file)
        let copy = try scratch.write("copy.png", Thumbnailer().png(of: path))
        #expect(try ImageDecoder().size(of: copy) == .init(width: width, height: height))
        func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(values.count) }
        #expect(try abs(mean(readNative(copy)) - mean(readNative(path))) < 2)
    }

    /// Means of squares of pixels, not single ones of them: fine stripes become grey.
    @Test func shrinkingTakesMeans() throws {
        let stripes = (0..<128 * 128).map { $0 % 2 == 0 ? 0 : 254 }
        let path = try scratch.write("s.png", PNGFile.make(width: 128, height: 128, colorType: 0, samples: stripes))
        let copy = try scratch.write("copy.png", Thumbnailer(maxSide: 32).png(of: path))
        #expect(try readNative(copy, isColor: false).allSatisfy { $0 == 127 })
    }

    @Test func whatCannotBeReadSaysWhy() throws {
        let thumbnailer = Thumbnailer()
        let text = try scratch.write("a.png", "no picture")
        #expect(
            thumbnailer.thumbnail(of: text)
                == .missing("\(text): expected a JPEG or PNG image, found text; convert it to JPEG or PNG"))
        #expect(
            thumbnailer.thumbnail(of: "/none/b.png")
                == .missing("/none/b.png: can't read the image: No such file or directory"))
    }

    /// Records of one channel, of two, of three, of six, and of an image file.
    @Test func recordsHaveOnePictureOrTwo() throws {
        let file = PNGFile.make(width: 2, height: 1, colorType: 0, samples: [10, 20])
        let pixels = [UInt8](0..<12)
        for (record, expected) in [
            (Records.raw([1, 2], channels: 1, height: 1, width: 2), [[1, 2]]),
            (Records.raw([1, 2, 3, 4], channels: 2, height: 1, width: 2), [[1, 2], [3, 4]]),
            (Records.raw([1, 2, 3, 4, 5, 6], channels: 3, height: 2, width: 1), [[1, 2, 3, 4, 5, 6]]),
            (Records.raw(pixels, channels: 6, height: 1, width: 2), [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]),
            (Records.encoded(file, label: 1), [[10, 20]]),
        ] as [([UInt8], [[Float]])] {
            let folder = scratch.path + "/db\(record.count)"
            try Records.write([record], to: folder)
            let source = try RecordPairs([.init(RecordFile(folder), transform: ImageTransform(layer: "data"))])
            let found = try source.thumbnails(of: 0, by: Thumbnailer()).map { thumbnail in
                guard case .png(let bytes) = thumbnail else { return [] as [Float] }
                return try readNative(scratch.write("r.png", bytes), isColor: expected[0].count > 2)
            }
            #expect(found == expected)
        }
    }

    @Test func recordsOfManyChannelsAreNotShown() throws {
        let folder = scratch.path + "/db"
        try Records.write([Records.raw([1, 2, 3, 4], channels: 4, height: 1, width: 1)], to: folder)
        let source = try RecordPairs([.init(RecordFile(folder), transform: ImageTransform(layer: "data"))])
        #expect(
            source.thumbnails(of: 0, by: Thumbnailer()) == [
                .missing(
                    "\(folder): record 00000000: pictures of 4 channels can't be shown (1, 2, 3 and 6 can)")
            ])
    }
}
