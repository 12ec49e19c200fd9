import Foundation
import Pairs
import Tensors
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct PictureCacheTests {
    private let list: PairList

    init() throws {
        list = try PairList(
            [.init(file: "train1.txt"), .init(file: "train2.txt")], baseDirectory: Golden.directory.path)
    }

    /// A colour column of random mirrored crops, and a grey one of the same list that is cropped without a resize.
    private func source(_ options: DecodingOptions) throws -> ImagePairs {
        let random = { (name: String, crop: Int) in
            ImageTransform(layer: name, scale: 1 / 256, cropSize: crop, cropsAtRandom: true, mirrors: true, seed: 9)
        }
        let columns = [
            ImageColumn(list: 0, size: .init(width: 30, height: 24), transform: random("data", 20)),
            ImageColumn(list: 1, size: .init(width: 40, height: 33), isColor: false, transform: random("data_p", 30)),
            ImageColumn(list: 1, size: nil, isColor: false, transform: random("small", 16)),
        ]
        return try ImagePairs(list, columns: columns, options: options)
    }

    /// Some epochs of shuffled batches.
    private func read(_ cache: PictureCache?, threads: Int = 3) throws -> [[Float]] {
        var options = DecodingOptions()
        options.cache = cache
        let loader = try PairLoader(
            .init(
                source: source(options), order: PairOrder(count: list.count, seed: 9, shuffled: true),
                shard: Shard(whole: 8), threads: threads))
        let data = loader.sampleShapes.map { Blob(Shape([8] + $0.dims)) }
        return try (0..<8).flatMap { _ in
            _ = try loader.next(into: data, labels: [])
            if let cache { #expect(cache.statistics.bytes <= cache.limit) }
            return data.map(\.dataArray)
        }
    }

    /// Room for all, for some so that pictures leave all the time, for hardly one, and for none.
    @Test(arguments: [10_000_000, 20_000, 3000, 0], [1, 4])
    func batchesAreTheSame(limit: Int, threads: Int) throws {
        let cache = PictureCache(limit: limit)
        #expect(try read(cache, threads: threads) == read(nil))
        let statistics = cache.statistics
        #expect(statistics.bytes <= limit)
        // Batches are made ahead, so there may be more samples than were taken.
        #expect(statistics.found + statistics.missed >= 8 * 8 * 3)
        switch limit {
        case 10_000_000: #expect(statistics.hitRate > 0.5 && statistics.bytes > 100_000)
        case 20_000: #expect(statistics.found > 0 && statistics.missed > 60 && statistics.bytes > 0)
        case 0: #expect(statistics.found == 0 && statistics.pictures == 0)
        default: break
        }
    }

    @Test func theSecondPassFindsEveryPicture() throws {
        let cache = PictureCache(limit: 10_000_000)
        _ = try read(cache)
        let first = cache.statistics
        #expect(first.missed >= first.pictures)
        _ = try read(cache)
        #expect(cache.statistics.missed == first.missed)
        #expect(cache.statistics.pictures == first.pictures)
        #expect(cache.statistics.found > first.found)
    }

    /// Without a resize, a picture of the wrong size is refused though another column has put it there.
    @Test func wrongSizesAreRefusedFromTheCacheToo() throws {
        let scratch = try Scratch()
        try scratch.write("1.txt", "images/22_moon_a_gray.jpg 1\n")
        let small = try PairList([.init(file: scratch.path + "/1.txt")], baseDirectory: Golden.directory.path)
        let column = ImageColumn(list: 0, size: nil, transform: ImageTransform(layer: "data"))
        let crop = ImageColumn(list: 0, size: nil, transform: ImageTransform(layer: "data", cropSize: 32))
        var options = DecodingOptions()
        options.cache = PictureCache(limit: 1_000_000)
        let path = small.path(column: 0, index: 0)
        let geometry = try crop.geometry(first: .init(width: 33, height: 41))
        let sample = Blob(geometry.sample)
        try sample.withMutableData { span throws(ImageError) in
            try ImageReader(crop, geometry, search: small.search, options: options)
                .read(path, position: 0, into: &span)
        }
        let other = try column.geometry(first: .init(width: 64, height: 64))
        let error = #expect(throws: ImageError.self) {
            try Blob(other.sample).withMutableData { span throws(ImageError) in
                try ImageReader(column, other, search: small.search, options: options)
                    .read(path, position: 0, into: &span)
            }
        }
        #expect(
            error
                == .wrongSize(file: path, found: .init(width: 33, height: 41), expected: .init(width: 64, height: 64)))
        #expect(options.cache?.statistics.found == 1)
    }

    /// 2 GB of pictures pass through a cache of 20 MB; the process grows by no more than a fraction of that.
    @Test func memoryIsBounded() throws {
        let cache = PictureCache(limit: 20_000_000)
        var options = DecodingOptions()
        options.cache = cache
        let before = try residentBytes()
        let path = Golden.path("images/13_ihc_b.jpg")
        for width in 1000..<1350 {
            let column = ImageColumn(
                list: 0, size: .init(width: width, height: 2000),
                transform: ImageTransform(layer: "data", cropSize: 8))
            let geometry = try column.geometry(first: .init(width: 1, height: 1))
            let sample = Blob(geometry.sample)
            try sample.withMutableData { span throws(ImageError) in
                try ImageReader(column, geometry, search: PathSearch(), options: options)
                    .read(path, position: 0, into: &span)
            }
            #expect(cache.statistics.bytes <= 20_000_000)
        }
        #expect(cache.statistics.pictures >= 2)
        #expect(try residentBytes() - before < 500_000_000)
    }

    private func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(fields[1])) * 4096
    }
}
