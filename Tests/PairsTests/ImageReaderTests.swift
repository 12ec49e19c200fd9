import Pairs
import Tensors
import TestSupport
import Testing

/// Whole pictures against what Caffe's ImageData layer made of them, bit for bit.
struct ImageReaderTests {
    /// A run of the pictures of all.txt or all_extra.txt, through one reader.
    struct Case: CustomTestStringConvertible {
        var golden: String
        var list = "all.txt"
        var from = 0
        var side = 64
        var isColor = true
        var transform = ImageTransform(layer: "data")

        var testDescription: String { golden }
    }

    static let cases: [Case] = [
        Case(golden: "rs64"),
        Case(golden: "gray64", isColor: false),
        Case(golden: "rs64_scale_first8", transform: ImageTransform(layer: "data", scale: 0.00390625)),
        Case(
            golden: "rs64_mean3_scale_first8",
            transform: ImageTransform(layer: "data", scale: 0.017, mean: .values([104, 117, 123]))),
        Case(
            golden: "rs64_crop51_mean3_TEST",
            transform: ImageTransform(layer: "data", mean: .values([104, 117, 123]), cropSize: 51)),
        Case(
            golden: "rs256_crop227_TEST_first4", side: 256, transform: ImageTransform(layer: "data", cropSize: 227)),
    ]

    @Test(arguments: cases)
    func matchesCaffe(_ test: Case) throws {
        let golden = try Golden.array("preproc/\(test.golden).npy")
        let found = try read(test, Array(0..<golden.shape[0]))
        for (index, image) in found.enumerated() {
            #expect(differences(image, golden.sample(index)) == 0, "\(test.golden), image \(index)")
        }
    }

    /// 06 is halved exactly, 10 is 640×427.
    @Test func matchesCaffeAt256() throws {
        let golden = try Golden.array("preproc/rs256_06_10.npy")
        let found = try read(Case(golden: "rs256", side: 256), [6, 10])
        #expect(differences(found[0], golden.sample(0)) == 0)
        #expect(differences(found[1], golden.sample(1)) == 0)
    }

    /// Arithmetic coding, RGB coding, all EXIF orientations, PNGs, odd samplings, YCCK; not the BMP and cut-off files.
    @Test(arguments: [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 24])
    func oddEncodingsMatchCaffe(index: Int) throws {
        let found = try read(Case(golden: "extra", list: "all_extra.txt"), [index])
        let golden = try Golden.array("preproc/extra_rs64.npy").sample(index)
        #expect(differences(found[0], golden) == 0)
    }

    /// Every EXIF orientation, and what is stored in another form than it is wanted in, without a resize.
    @Test(arguments: (2...8).map { "exif_orient_\($0)" } + ["one_pixel", "rgb_coded", "samp_420_33x17"])
    func nativeSizeMatchesCaffe(name: String) throws {
        let golden = try Golden.array("preproc/native_extra/\(name).jpg.npy").values
        #expect(differences(try readNative(Golden.path("images_extra/\(name).jpg")), golden) == 0)
    }

    @Test(arguments: ["images_extra/rgb_coded", "images_extra/ycck_420", "images/23_chelsea_cmyk"])
    func greyOfOtherFormsMatchesCaffe(path: String) throws {
        let name = path.split(separator: "/")[1]
        let golden = try Golden.array("preproc/native_extra/\(name).jpg.gray.npy").values
        #expect(differences(try readNative(Golden.path("\(path).jpg"), isColor: false), golden) == 0)
    }

    @Test func meanFileIsCroppedWithThePicture() throws {
        let mean = try Golden.array("preproc/mean64.npy")
        let transform = ImageTransform(
            layer: "data", scale: 0.5, mean: .image(mean.values, shape: [3, 64, 64]), cropSize: 51)
        let found = try read(Case(golden: "meanfile", transform: transform), Array(0..<24))
        let golden = try Golden.array("preproc/rs64_meanfile_crop51_scale_TEST.npy")
        for (index, image) in found.enumerated() { #expect(differences(image, golden.sample(index)) == 0) }
    }

    private func read(_ test: Case, _ indices: [Int]) throws -> [[Float]] {
        let list = try PairList([.init(file: Golden.path(test.list))], baseDirectory: Golden.directory.path)
        let column = ImageColumn(
            list: 0, size: .init(width: test.side, height: test.side), isColor: test.isColor, transform: test.transform)
        let geometry = try column.geometry(first: .init(width: 1, height: 1))
        let reader = ImageReader(column, geometry, search: list.search)
        return try indices.map { index in
            let sample = Blob(geometry.sample)
            try sample.withMutableData { span throws(ImageError) in
                try reader.read(list.path(column: 0, index: index), position: 0, into: &span)
            }
            return sample.dataArray
        }
    }

    /// How many values are not the same; all, if the counts differ.
    private func differences(_ found: [Float], _ expected: [Float]) -> Int {
        found.count == expected.count ? zip(found, expected).count { $0 != $1 } : max(found.count, expected.count)
    }
}

extension Npy {
    /// Sample n of an array whose first axis counts samples.
    func sample(_ index: Int) -> [Float] {
        let count = shape.dropFirst().reduce(1, *)
        return Array(values[index * count..<(index + 1) * count])
    }
}
