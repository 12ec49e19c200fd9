package import Tensors

/// Pixels to the net's floats: crop, mirror, (pixel − mean)·scale, with Caffe's arithmetic (`data_transformer.cpp`).
///
/// What is random is a function of the seed, the layer's name and the sample's global position: the same on any rank.
package struct ImageTransform: Sendable {
    /// What is taken from each pixel.
    package enum Mean: Equatable, Sendable {
        case none
        /// Caffe's `mean_value`: one for all channels, or one for each.
        case values([Float])
        /// Caffe's `mean_file`: a picture C × H × W of the size before the crop, cropped along with each picture.
        case image([Float], shape: Shape)
    }

    /// The layer's name, for the random streams and for errors.
    package let layer: String
    package let scale: Float
    package let mean: Mean
    /// The side of the square that is cut out; zero: no crop.
    package let cropSize: Int
    /// Whether the crop lies anywhere (Caffe's TRAIN) or in the middle (TEST).
    package let cropsAtRandom: Bool
    /// Whether a coin decides to mirror the picture, in either phase as in Caffe.
    package let mirrors: Bool
    private let random: Random

    /// Whether all pictures must have the mean's size.
    var hasMeanImage: Bool {
        if case .image = mean { true } else { false }
    }

    /// - Parameters:
    ///   - layer: the layer's name; layers with different names draw differently.
    ///   - seed: the solver's seed.
    package init(
        layer: String, scale: Float = 1, mean: Mean = .none, cropSize: Int = 0, cropsAtRandom: Bool = false,
        mirrors: Bool = false, seed: UInt64 = 0
    ) {
        precondition(cropSize >= 0, "crop_size \(cropSize)")
        self.layer = layer
        self.scale = scale
        self.mean = mean
        self.cropSize = cropSize
        self.cropsAtRandom = cropsAtRandom
        self.mirrors = mirrors
        random = Random(seed: seed, purpose: "transform \(layer)")
    }

    /// Settings that do not fit the pictures.
    package struct Mismatch: Error, Equatable, CustomStringConvertible {
        package enum Problem: Equatable, Sendable {
            case meanValues(count: Int, channels: Int)
            case meanImage(Shape, expected: Shape)
            case crop(Int, height: Int, width: Int)
        }

        package let layer: String
        package let problem: Problem

        package var description: String {
            let text =
                switch problem {
                case .meanValues(let count, let channels):
                    "mean_value stands \(count) times, but the pictures have \(channels) channels; "
                        + "give one for all, or one for each"
                case .meanImage(let shape, let expected):
                    "mean_file holds a mean of \(shape), but the pictures are \(expected) (channels×height×width)"
                case .crop(let crop, let height, let width):
                    "crop_size \(crop) is larger than the pictures, which are \(height)×\(width) (height×width)"
                }
            return "layer \"\(layer)\": \(text)"
        }
    }

    /// Makes sure that the settings fit pictures of this shape (C × H × W), and returns the shape that comes out.
    package func outputShape(for shape: Shape) throws(Mismatch) -> Shape {
        switch mean {
        case .none: break
        case .values(let values):
            guard values.count == 1 || values.count == shape[0] else {
                throw mismatch(.meanValues(count: values.count, channels: shape[0]))
            }
        case .image(let values, let meanShape):
            guard meanShape == shape, values.count == shape.count else {
                throw mismatch(.meanImage(meanShape, expected: shape))
            }
        }
        if cropSize == 0 { return shape }
        guard cropSize <= shape[1], cropSize <= shape[2] else {
            throw mismatch(.crop(cropSize, height: shape[1], width: shape[2]))
        }
        return [shape[0], cropSize, cropSize]
    }

    private func mismatch(_ problem: Mismatch.Problem) -> Mismatch { Mismatch(layer: layer, problem: problem) }

    /// The part of a picture that a sample gets, and whether it is mirrored.
    struct Window: Equatable {
        let rows: Range<Int>
        let columns: Range<Int>
        let isMirrored: Bool
    }

    /// The window for the sample at a global position, in a picture of this size.
    func window(height: Int, width: Int, position: Int) -> Window {
        let position = UInt64(position)
        let isMirrored = mirrors && random.integer(below: 2, position: position, index: 0) == 1
        guard cropSize > 0 else { return Window(rows: 0..<height, columns: 0..<width, isMirrored: isMirrored) }
        func offset(_ slack: Int, index: UInt64) -> Int {
            cropsAtRandom ? random.integer(below: slack + 1, position: position, index: index) : slack / 2
        }
        let (top, left) = (offset(height - cropSize, index: 1), offset(width - cropSize, index: 2))
        return Window(rows: top..<top + cropSize, columns: left..<left + cropSize, isMirrored: isMirrored)
    }

    /// Turns a row of bytes of one channel into floats.
    ///
    /// - Parameters:
    ///   - row: the window's pixels of the picture's row `y`.
    ///   - height: the picture's height, and its width: the mean image's as well.
    ///   - start: where in the target the row's floats begin.
    func apply(
        to row: Span<UInt8>, channel: Int, y: Int, height: Int, width: Int, window: Window,
        into target: inout MutableSpan<Float>, at start: Int
    ) {
        precondition(start >= 0 && start + row.count <= target.count)
        switch mean {
        case .none:
            for x in 0..<row.count { target[start &+ x] = Float(row[x]) * scale }
        case .values(let values):
            let mean = values.count == 1 ? values[0] : values[channel]
            for x in 0..<row.count { target[start &+ x] = (Float(row[x]) - mean) * scale }
        case .image(let values, _):
            let first = (channel * height + y) * width + window.columns.lowerBound
            let mean = values.span.extracting(first..<first + row.count)
            for x in 0..<row.count { target[start &+ x] = (Float(row[x]) - mean[x]) * scale }
        }
        if window.isMirrored {
            for x in 0..<row.count / 2 { target.swapAt(start + x, start + row.count - 1 - x) }
        }
    }
}
