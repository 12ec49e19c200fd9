import Pairs
import Tensors
import TestSupport
import Testing

/// Crops, mirrors and means on a picture of 64×64 whose pixels are known.
struct ImageTransformTests {
    private let path = Golden.path("images/13_ihc_b.jpg")
    private let pixels: [Float]

    init() throws { pixels = try readNative(path) }

    private func read(_ transform: ImageTransform, position: Int) throws -> [Float] {
        let column = ImageColumn(list: 0, size: nil, transform: transform)
        let geometry = try column.geometry(first: .init(width: 64, height: 64))
        let sample = Blob(geometry.sample)
        try sample.withMutableData { span throws(ImageError) in
            try ImageReader(column, geometry, search: PathSearch()).read(path, position: position, into: &span)
        }
        return sample.dataArray
    }

    /// The window at (top, left) of the picture, each pixel through `value`.
    private func window(
        top: Int, left: Int, side: Int, mirrored: Bool, _ value: (Float, Int) -> Float = { pixel, _ in pixel }
    ) -> [Float] {
        (0..<3).flatMap { channel in
            (0..<side).flatMap { y in
                (0..<side).map { x in
                    let index = (channel * 64 + top + y) * 64 + left + (mirrored ? side - 1 - x : x)
                    return value(pixels[index], index)
                }
            }
        }
    }

    @Test func centreCropInTest() throws {
        let found = try read(ImageTransform(layer: "data", cropSize: 51), position: 7)
        #expect(found == window(top: 6, left: 6, side: 51, mirrored: false))
    }

    @Test func randomCropsAreAllWindowsAndBothSides() throws {
        let side = 62
        let transform = ImageTransform(
            layer: "data", cropSize: side, cropsAtRandom: true, mirrors: true, seed: 3)
        var seen: [Int: Int] = [:]
        let windows = (0..<18).map { number in
            window(top: number / 3 % 3, left: number % 3, side: side, mirrored: number >= 9)
        }
        for position in 0..<200 {
            let found = try read(transform, position: position)
            let number = try #require(windows.firstIndex(of: found), "no window of the picture")
            seen[number, default: 0] += 1
        }
        #expect(seen.count == 18)
        #expect(seen.values.max() ?? 0 < 40)
    }

    @Test func belongsToSeedLayerAndPosition() throws {
        func crops(_ layer: String, _ seed: UInt64) throws -> [[Float]] {
            try (0..<8).map { position in
                try read(
                    ImageTransform(layer: layer, cropSize: 40, cropsAtRandom: true, seed: seed), position: position)
            }
        }
        let first = try crops("data", 1)
        #expect(Set(first).count > 4)
        #expect(try crops("data", 1) == first)
        #expect(try crops("data_p", 1) != first)
        #expect(try crops("data", 2) != first)
    }

    @Test func mirrorsTheMeanAlong() throws {
        let mean = (0..<3 * 64 * 64).map { Float($0 % 97) / 7 }
        let transform = ImageTransform(
            layer: "data", scale: 0.017, mean: .image(mean, shape: [3, 64, 64]), cropSize: 60, mirrors: true, seed: 5)
        let value: (Float, Int) -> Float = { pixel, index in (pixel - mean[index]) * 0.017 }
        let sides = [false, true].map { window(top: 2, left: 2, side: 60, mirrored: $0, value) }
        let found = try (0..<20).map { try #require(sides.firstIndex(of: try read(transform, position: $0))) }
        #expect(Set(found) == [0, 1])
    }

    @Test func oneMeanForAllChannels() throws {
        let found = try read(ImageTransform(layer: "data", scale: 1 / 3, mean: .values([33.5])), position: 0)
        #expect(found == pixels.map { ($0 - 33.5) * (1 / 3) })
    }

    @Test func whatDoesNotFitIsRefused() throws {
        func message(_ transform: ImageTransform) -> String? {
            let error = #expect(throws: ImageTransform.Mismatch.self) { try transform.outputShape(for: [3, 20, 30]) }
            return error?.description
        }
        #expect(
            message(ImageTransform(layer: "data", mean: .values([1, 2]))) == """
                layer "data": mean_value stands 2 times, but the pictures have 3 channels; \
                give one for all, or one for each
                """)
        #expect(
            message(
                ImageTransform(layer: "data", mean: .image([Float](repeating: 0, count: 2700), shape: [3, 30, 30])))
                    == """
                    layer "data": mean_file holds a mean of 3×30×30, but the pictures are 3×20×30 (channels×height×width)
                    """)
        #expect(
            message(ImageTransform(layer: "data", cropSize: 21))
                == "layer \"data\": crop_size 21 is larger than the pictures, which are 20×30 (height×width)")
    }
}
