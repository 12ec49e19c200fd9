import Foundation
import Pairs
import TestSupport
import Testing

/// Small files that claim to be large are refused at once, before they get memory.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct DecodingLimitsTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// The time and the memory that reading a file which must be refused takes at most.
    private func refuse(_ path: String, _ isExpected: (ImageError?) -> Bool) throws {
        _ = try? readNative(path)  // The first time touches code and tables.
        let (before, start) = (Self.peak(), ContinuousClock.now)
        let error = #expect(throws: ImageError.self) { try readNative(path) }
        let seconds = start.duration(to: .now) / .seconds(1)
        #expect(isExpected(error), "\(String(describing: error))")
        #expect(seconds < 0.1, "\(seconds) s")
        #expect(Self.peak() - before < 16 << 20, "\(Self.peak() - before) bytes")
    }

    /// The most memory that this process has had so far, in bytes.
    private static func peak() -> Int {
        var usage = rusage()
        unsafe getrusage(RUSAGE_SELF, &usage)
        return usage.ru_maxrss * 1024
    }

    /// A JPEG whose frame header claims another size.
    private func claiming(_ width: Int, _ height: Int, _ file: String, marker: UInt8) throws -> [UInt8] {
        var bomb = try bytes(of: Golden.path(file))
        let frame = try #require(bomb.indices.dropLast().first { bomb[$0] == 0xff && bomb[$0 + 1] == marker })
        bomb.replaceSubrange(
            frame + 5..<frame + 9, with: [UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255)])
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
    @Test(arguments: [(100, false), (600, true), (60_000, true)])
    func scans(count: Int, isRefused: Bool) throws {
        let whole = try bytes(of: Golden.path("images/15_camera_b_gray_prog.jpg"))
        // The last scan again and again: it refines what is refined already, which libjpeg bears.
        let scan = try #require(whole.indices.dropLast().last { whole[$0] == 0xff && whole[$0 + 1] == 0xda })
        let header = Array(whole[scan..<scan + 2 + Int(whole[scan + 3])])
        // One block run to the end of the band is as short as a scan can be.
        let file = whole.dropLast(2) + Array(repeating: header + [0], count: count).joined() + whole.suffix(2)
        let path = try scratch.write("scans.jpg", file)
        let start = ContinuousClock.now
        let error = #expect(throws: ImageError.self) { try readNative(path) }
        #expect(start.duration(to: .now) < .seconds(5))
        #expect(error?.description.contains("more than 500 scans") == isRefused, "\(String(describing: error))")
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
