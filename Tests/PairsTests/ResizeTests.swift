import Foundation
import Pairs
import Tensors
import TestSupport
import Testing

/// The resize against the rule written out naively, on the golden pictures at many sizes.
struct ResizeTests {
    @Test(arguments: [
        (1, 1), (1, 64), (3, 200), (17, 33), (32, 32), (32, 64), (41, 33), (63, 65), (64, 63), (128, 128), (300, 129),
    ])
    func followsTheRule(height: Int, width: Int) throws {
        for name in ["22_moon_a_gray", "13_ihc_b", "09_retina_b", "07_hubble_b"] {
            let path = Golden.path("images/\(name).jpg")
            let native = try readNative(path)
            let size = try ImageDecoder().size(of: path)
            let column = ImageColumn(
                list: 0, size: .init(width: width, height: height), transform: ImageTransform(layer: "data"))
            let geometry = try column.geometry(first: size)
            let sample = Blob(geometry.sample)
            try sample.withMutableData { span throws(ImageError) in
                try ImageReader(column, geometry, search: PathSearch()).read(path, position: 0, into: &span)
            }
            let plane = size.width * size.height
            let expected = (0..<3).flatMap { channel in
                let pixels = native[channel * plane..<(channel + 1) * plane].map { Int($0) }
                return naive(pixels, size, height: height, width: width)
            }
            #expect(sample.dataArray.map { Int($0) } == expected, "\(name)")
        }
    }

    /// OpenCV's bilinear resize of one channel in 11-bit fixed point, as Tests/Golden's origin states it.
    private func naive(_ pixels: [Int], _ size: ImageError.Size, height: Int, width: Int) -> [Int] {
        if (size.height, size.width) == (height, width) { return pixels }
        func pixel(_ y: Int, _ x: Int) -> Int {
            pixels[min(max(y, 0), size.height - 1) * size.width + min(max(x, 0), size.width - 1)]
        }
        let isHalf = (size.height, size.width) == (2 * height, 2 * width)
        func tap(_ index: Int, _ from: Int, _ to: Int) -> (Int, Float) {
            let centre = Float((Double(index) + 0.5) * Double(from) / Double(to) - 0.5)
            return (Int(floor(centre)), centre - floor(centre))
        }
        func weights(_ fraction: Float) -> (Int, Int) { (Int(rint(2048 * (1 - fraction))), Int(rint(2048 * fraction))) }
        return (0..<height).flatMap { y in
            (0..<width).map { x in
                if isHalf {
                    let sum = [(0, 0), (0, 1), (1, 0), (1, 1)].reduce(0) { $0 + pixel(2 * y + $1.0, 2 * x + $1.1) }
                    return (sum + 2) >> 2
                }
                let (top, down) = tap(y, size.height, height)
                var (left, across) = tap(x, size.width, width)
                if left < 0 { (left, across) = (0, 0) }
                if left >= size.width - 1 { (left, across) = (size.width - 1, 0) }
                let (w0, w1) = weights(across)
                let (v0, v1) = weights(down)
                func row(_ y: Int) -> Int { pixel(y, left) * w0 + pixel(y, left + 1) * w1 }
                return ((((row(top) >> 4) * v0) >> 16) + (((row(top + 1) >> 4) * v1) >> 16) + 2) >> 2
            }
        }
    }
}
