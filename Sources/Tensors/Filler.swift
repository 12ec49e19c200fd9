import Foundation

/// How a parameter gets its first values (Caffe: include/caffe/filler.hpp).
package enum Filler: Equatable, Sendable {
    /// What n means in xavier and msra: inputs of an output, outputs of an input, or the mean of both.
    package enum VarianceNorm: Sendable { case fanIn, fanOut, average }

    case constant(Float)
    case uniform(min: Float, max: Float)
    /// With `sparse` only about that many weights of each output are not zero.
    case gaussian(mean: Float, std: Float, sparse: Int?)
    /// Uniform ± √(3/n): Glorot and Bengio, AISTATS 2010.
    case xavier(VarianceNorm)
    /// Normal with deviation √(2/n): He, Zhang, Ren, Sun, ICCV 2015.
    case msra(VarianceNorm)
    /// Uniform 0 … 1, each output's values divided by their sum.
    case positiveUnitBall
    /// What makes a Deconvolution enlarge by straight lines: a pyramid over the last two axes, the same in each kernel.
    case bilinear

    /// Fills values of a parameter of this shape; the same values for the same random stream, on any machine and
    /// with any number of threads (but for the last bit of the C library's logarithm and cosine).
    package func fill(_ storage: FloatStorage, shape: Shape, random: Random) {
        switch self {
        case .constant(let value):
            storage.fill(value)
        case .uniform(let low, let high):
            Self.uniform(storage, low, high, random)
        case .gaussian(let mean, let std, let sparse):
            Self.gaussian(storage, mean, std, random)
            if let sparse { Self.thinOut(storage, keep: Float(sparse) / Float(shape.axes > 0 ? shape[0] : 1), random) }
        case .xavier(let norm):
            let bound = (3 / Self.fan(shape, norm)).squareRoot()
            Self.uniform(storage, -bound, bound, random)
        case .msra(let norm):
            Self.gaussian(storage, 0, (2 / Self.fan(shape, norm)).squareRoot(), random)
        case .positiveUnitBall:
            Self.uniform(storage, 0, 1, random)
            Self.divideBySum(storage, outputs: shape.axes > 0 ? shape[0] : 1)
        case .bilinear:
            Self.bilinear(storage, height: shape.axes > 1 ? shape[shape.axes - 2] : 1, width: shape.dims.last ?? 1)
        }
    }

    private static func fan(_ shape: Shape, _ norm: VarianceNorm) -> Float {
        let fanIn = Float(shape.count) / Float(shape.axes > 0 ? shape[0] : 1)
        let fanOut = shape.axes > 1 ? Float(shape.count) / Float(shape[1]) : Float(shape.count)
        switch norm {
        case .fanIn: return fanIn
        case .fanOut: return fanOut
        case .average: return (fanIn + fanOut) / 2
        }
    }

    private static func uniform(_ storage: FloatStorage, _ low: Float, _ high: Float, _ random: Random) {
        eachBlock(of: storage) { block, index in
            let bits = random.bits(position: 0, index: UInt64(index))
            for lane in block.indices { block[lane] = low + (high - low) * Random.unit(bits[lane]) }
        }
    }

    /// Box and Muller: two uniform numbers make two normal ones.
    private static func gaussian(_ storage: FloatStorage, _ mean: Float, _ std: Float, _ random: Random) {
        eachBlock(of: storage) { block, index in
            let bits = random.bits(position: 0, index: UInt64(index))
            for half in stride(from: 0, to: block.count, by: 2) {
                let radius = (-2 * log(1 - Random.unit(bits[half]))).squareRoot() * std
                let angle = 2 * Float.pi * Random.unit(bits[half + 1])
                block[half] = mean + radius * cos(angle)
                if half + 1 < block.count { block[half + 1] = mean + radius * sin(angle) }
            }
        }
    }

    private static func divideBySum(_ storage: FloatStorage, outputs: Int) {
        storage.withMutableSpan { (values: inout MutableSpan<Float>) in
            let length = values.count / max(1, outputs)
            for start in stride(from: 0, to: outputs * length, by: max(1, length)) {
                var sum: Float = 0
                for i in start..<start + length { sum += values[i] }
                for i in start..<start + length { values[i] /= sum }
            }
        }
    }

    private static func bilinear(_ storage: FloatStorage, height: Int, width: Int) {
        /// How high the pyramid is at a place of an axis.
        func slope(_ place: Int, of length: Int) -> Float {
            let half = (length + 1) / 2
            let centre = Float(length - 1) / Float(2 * half)
            return 1 - abs(Float(place) / Float(half) - centre)
        }
        storage.withMutableSpan { (values: inout MutableSpan<Float>) in
            for i in values.indices {
                values[i] = slope(i % width, of: width) * slope(i / width % height, of: height)
            }
        }
    }

    private static func thinOut(_ storage: FloatStorage, keep: Float, _ random: Random) {
        eachBlock(of: storage) { block, index in
            let bits = random.bits(position: 1, index: UInt64(index))
            for lane in block.indices where Random.unit(bits[lane]) >= keep { block[lane] = 0 }
        }
    }

    /// Runs over the storage in blocks of four (the last may be shorter), in parallel.
    private static func eachBlock(
        of storage: FloatStorage, _ body: @Sendable (_ block: inout MutableSpan<Float>, _ index: Int) -> Void
    ) {
        nonisolated(unsafe) let shared = storage
        Threads.parallel((storage.count + 3) / 4) { blocks in
            unsafe shared.withMutableSpan { (whole: inout MutableSpan<Float>) in
                for index in blocks {
                    var block = whole._mutatingExtracting(4 * index..<min(4 * index + 4, whole.count))
                    body(&block, index)
                }
            }
        }
    }
}
