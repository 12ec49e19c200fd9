import Foundation
import Pairs
import TestSupport
import Testing

/// Small files that claim to be large are refused at once. (`CommandTests` runs one with little memory.)
@Suite(.timeLimit(.minutes(5)))
struct DecodingLimitsTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Reading a file must throw this, and at once.
    private func refuse(_ path: String, _ isExpected: (ImageError?) -> Bool) throws {
        let start = ContinuousClock.now
        let error = #expect(throws: ImageError.self) { try readNative(path) }
        #expect(start.duration(to: .now) < .seconds(1))
        #expect(isExpected(error), "\(String(describing: error))")
    }

    /// A JPEG whose frame header claims another size.
    private func claiming(_ width: Int, _ height: Int, _ file: String, marker: UInt8) throws -> [UInt8] {
        var bomb = try bytes(of: Golden.path(file))
        let frame = try #require(bomb.indices.dropLast().first { bomb[$0] == 0xff && bomb[$0 + 1] == marker })
        bomb.replaceSubrange(
            frame + 5..<frame + 9,
            with: [UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255)])
        return bomb
    }

    @Test(arguments: [("images/06_hubble_a.jpg", UInt8(0xc0)), ("images/15_camera_b_gray_prog.jpg", 0xc2)])
    func jpeg(file: String, marker: UInt8) throws {
        let path = try scratch.write("bomb.jpg", try claiming(65500, 65500, file, marker: marker))
        try refuse(path) { $0 == .tooLarge(file: path, width: 65500, height: 65500, limit: 100_000_000) }
    }

    @Test(arguments: [65500, 1 << 20, (1 << 31) - 1])
    func png(side: Int) throws {
        let file = PNGFile.signature + PNGFile.header(width: side, height: side) + PNGFile.chunk("IDAT", [])
        let path = try scratch.write("bomb.png", file)
        try refuse(path) { $0 == .tooLarge(file: path, width: side, height: side, limit: 100_000_000) }
    }

    @Test func theSentenceNamesTheFlag() {
        let error = ImageError.tooLarge(file: "a.jpg", width: 20000, height: 10000, limit: 100_000_000)
        #expect(
            error.description
                == "a.jpg: 20000×10000 pixels are more than the 100000000 that are decoded; shrink the image, or raise "
                + "--max-pixels")
    }

    /// A progressive JPEG may have any number of scans, each of a few bytes, and each a pass over the whole picture.
    @Test(arguments: [1, 499])
    func manyScansAreRead(count: Int) throws {
        let path = try scratch.write("scans.jpg", Self.progressive(scans: count))
        #expect(try readNative(path, isColor: false) == Array(repeating: 128, count: 64))
    }

    @Test(arguments: [500, 100_000])
    func tooManyScansAreRefused(count: Int) throws {
        let path = try scratch.write("scans.jpg", Self.progressive(scans: count))
        try refuse(path) {
            $0?.description
                == "\(path): can't decode this JPEG: it has more than 500 scans, as no camera makes them"
        }
    }

    /// A grey JPEG of 8×8, made byte by byte (ITU T.81): a scan of its mean, then so many scans of nothing.
    private static func progressive(scans: Int) -> [UInt8] {
        func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
            [0xff, marker, 0, UInt8(content.count + 2)] + content
        }
        // One code of one bit, for the symbol zero: "no difference" of DC, "end of block" of AC.
        func table(_ number: UInt8) -> [UInt8] { segment(0xc4, [number, 1] + Array(repeating: 0, count: 15) + [0]) }
        func scan(_ first: UInt8, _ last: UInt8) -> [UInt8] { segment(0xda, [1, 1, 0, first, last, 0]) + [0x7f] }
        return [0xff, 0xd8] + segment(0xdb, [0] + Array(repeating: 1, count: 64))
            + segment(0xc2, [8, 0, 8, 0, 8, 1, 1, 0x11, 0]) + table(0x00) + table(0x10) + scan(0, 0)
            + Array(repeating: scan(1, 63), count: scans).joined() + [0xff, 0xd9]
    }

    /// What a Datum claims is compared with what is there, in numbers that do not overflow.
    @Test func recordsOfHugeShapes() throws {
        let huge: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x07]
        let negative: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
        let good = Records.raw([1, 2, 3, 4], channels: 1, height: 2, width: 2)
        for sides in [[huge, huge, huge], [huge, [1], [1]], [negative, negative, [4]], [[0], [2], [2]]] {
            let record = [0x08] + sides[0] + [0x10] + sides[1] + [0x18] + sides[2] + [0x22, 4, 1, 2, 3, 4]
            for records in [[record], [good, record]] {
                let path = scratch.path + "/\(UUID())"
                try Records.write(records, to: path)
                let error = #expect(throws: LoadError.self) {
                    let column = RecordPairs.Column(try RecordFile(path), transform: ImageTransform(layer: "data"))
                    let source = try RecordPairs([column])
                    if let fault = source.makeReader().fault(of: records.count - 1, column: 0, position: 0) {
                        throw fault
                    }
                }
                #expect(error?.description.contains("it has 4 bytes of pixels for the shape ") == true)
            }
        }
    }
}
