import Pairs
import Tensors
import TestSupport
import Testing

/// JPEGs that are decoded at a fraction of their size, beside the same decoded whole.
struct FastDecodeTests {
    private func read(_ path: String, width: Int, height: Int, isColor: Bool = true, isFast: Bool) throws -> [Float] {
        let column = ImageColumn(
            list: 0, size: .init(width: width, height: height), isColor: isColor,
            transform: ImageTransform(layer: "data"))
        let geometry = try column.geometry(first: .init(width: 1, height: 1))
        var options = DecodingOptions()
        options.isFast = isFast
        let sample = Blob(geometry.sample)
        try sample.withMutableData { span throws(ImageError) in
            try ImageReader(column, geometry, search: PathSearch(), options: options)
                .read(Golden.path(path), position: 0, into: &span)
        }
        return sample.dataArray
    }

    /// The mean difference in grey levels between fast and whole.
    private func difference(_ path: String, width: Int, height: Int, isColor: Bool = true) throws -> Float {
        let fast = try read(path, width: width, height: height, isColor: isColor, isFast: true)
        let whole = try read(path, width: width, height: height, isColor: isColor, isFast: false)
        return zip(fast, whole).map { abs($0 - $1) }.reduce(0, +) / Float(whole.count)
    }

    /// 640×427 and 512×512, colour and grey, progressive, CMYK: other pixels, and the same picture.
    @Test(arguments: [
        ("images/10_rocket_a.jpg", 320, 213), ("images/10_rocket_a.jpg", 100, 60), ("images/06_hubble_a.jpg", 64, 64),
        ("images/04_coffee_a.jpg", 111, 90), ("images/20_coins_a_gray.jpg", 48, 150),
        ("images/23_chelsea_cmyk.jpg", 50, 50),
    ])
    func looksTheSame(path: String, width: Int, height: Int) throws {
        for isColor in [true, false] {
            let difference = try difference(path, width: width, height: height, isColor: isColor)
            #expect(difference > 0 && difference < 8, "\(difference) grey levels")
        }
    }

    /// 256×256 at 128×128 is exactly twice too large; one pixel more both ways, or one way, is less than that.
    @Test func onlyWhatIsTwiceTooLargeBothWays() throws {
        let path = "images/00_astronaut_a.jpg"
        #expect(try difference(path, width: 128, height: 128) > 0)
        #expect(try difference(path, width: 129, height: 128) == 0)
        #expect(try difference(path, width: 16, height: 129) == 0)
        #expect(try difference(path, width: 300, height: 300) == 0)
    }

    /// Upright it is 60×90 or 90×60; what is asked for is compared with that.
    @Test(arguments: 2...8)
    func orientationsAreTurned(tag: Int) throws {
        let (width, height) = tag >= 5 ? (20, 40) : (40, 20)
        let path = "images_extra/exif_orient_\(tag).jpg"
        let difference = try difference(path, width: width, height: height)
        #expect(difference > 0 && difference < 12, "\(difference) grey levels")
        #expect(try self.difference(path, width: height, height: width) == 0)
    }

    @Test func pngsStayAsTheyAre() throws {
        for name in ["png_rgb", "png_palette", "png_gray"] {
            #expect(try difference("images_extra/\(name).png", width: 4, height: 4) == 0)
        }
    }

    @Test(arguments: ["truncated_half.jpg", "truncated_half_prog.jpg", "truncated_header.jpg", "bmp24.bmp"])
    func badFilesAreRefusedAlike(name: String) throws {
        let errors = [true, false].map { isFast in
            #expect(throws: ImageError.self) {
                try read("images_extra/\(name)", width: 4, height: 4, isFast: isFast)
            }
        }
        #expect(errors[0] == errors[1])
    }

    /// A decoder that has shrunk one picture decodes the next whole.
    @Test func theNextPictureIsWhole() throws {
        let column = ImageColumn(
            list: 0, size: .init(width: 128, height: 128), transform: ImageTransform(layer: "data"))
        let geometry = try column.geometry(first: .init(width: 1, height: 1))
        var options = DecodingOptions()
        options.isFast = true
        let reader = ImageReader(column, geometry, search: PathSearch(), options: options)
        let sample = Blob(geometry.sample)
        for path in ["images/06_hubble_a.jpg", "images/01_astronaut_b.jpg"] {
            try sample.withMutableData { span throws(ImageError) in
                try reader.read(Golden.path(path), position: 0, into: &span)
            }
        }
        let whole = try read("images/01_astronaut_b.jpg", width: 128, height: 128, isFast: false)
        #expect(sample.dataArray == whole)
    }
}
