import Tensors

/// Plain loops in double precision that the kernels are held against, and values to feed both.
enum Reference {
    /// `count` numbers in −1 ..< 1, the same for the same purpose.
    static func values(_ count: Int, _ purpose: String) -> [Float] {
        let random = Random(seed: 1, purpose: purpose)
        return (0..<count).map { 2 * Random.unit(random.bits(position: UInt64($0)).x) - 1 }
    }

    /// The same cut to what bfloat16 holds, so that rounding changes nothing.
    static func bfloat16Values(_ count: Int, _ purpose: String) -> [Float] {
        values(count, purpose).map { Float(bitPattern: $0.bitPattern & 0xffff_0000) }
    }

    /// What a product may be off by, relative to itself, when both factors are rounded to the nearest of eight bits:
    /// 2⁻⁸ for each, and a little for the square of that and for sums of some thousand terms in float32.
    static let bfloat16Bound = 2 * 0x1p-8 + 0x1p-12

    /// The largest deviation, each relative to the sum of its terms' magnitudes; infinite if anything is NaN.
    static func deviation(_ found: [Float], _ expected: [Double], magnitudes: [Double]) -> Double {
        guard found.count == expected.count else { return .infinity }
        return found.indices.map { abs(Double(found[$0]) - expected[$0]) / max(magnitudes[$0], 1e-20) }
            .reduce(0) { $1 <= $0 ? $0 : $1.isNaN ? .infinity : $1 }
    }

    /// A blob in any layout with data and diff given in plain order.
    static func blob(_ shape: Shape, _ layout: Layout = .plain, data: [Float]? = nil, diff: [Float]? = nil) -> Blob {
        let blob = Blob(shape, layout: layout)
        blob.allocateDiff()
        if let data { blob.copyData(from: stored(data, shape, layout)) }
        if let diff { blob.copyDiff(from: stored(diff, shape, layout)) }
        return blob
    }

    /// Where a value of the plain order lies in the storage.
    private static func place(_ index: Int, _ shape: Shape, _ layout: Layout) -> Int {
        guard case .blocked(let block) = layout else { return index }
        let area = shape[2] * shape[3]
        let (sample, channel, pixel) = (index / (shape[1] * area), index / area % shape[1], index % area)
        let blocks = (shape[1] + block - 1) / block
        return ((sample * blocks + channel / block) * area + pixel) * block + channel % block
    }

    static func stored(_ values: [Float], _ shape: Shape, _ layout: Layout) -> [Float] {
        var stored = [Float](repeating: 0, count: layout.storageCount(of: shape))
        for index in values.indices { stored[place(index, shape, layout)] = values[index] }
        return stored
    }

    /// The plain order of what a storage holds.
    static func plain(_ stored: [Float], _ shape: Shape, _ layout: Layout) -> [Float] {
        (0..<shape.count).map { stored[place($0, shape, layout)] }
    }

    static func data(_ blob: Blob) -> [Float] { plain(blob.dataArray, blob.shape, blob.layout) }
    static func diff(_ blob: Blob) -> [Float] { plain(blob.diffArray, blob.shape, blob.layout) }

    /// The largest deviation, relative to the largest expected magnitude; infinite if anything is NaN.
    static func deviation(_ found: [Float], _ expected: [Double]) -> Double {
        guard found.count == expected.count else { return .infinity }
        let scale = max(expected.map(abs).max() ?? 0, 1e-20)
        let worst = zip(found, expected).map { abs(Double($0) - $1) }.reduce(0) { $1 > $0 || $1.isNaN ? $1 : $0 }
        return worst.isNaN ? .infinity : worst / scale
    }
}

/// Forward and all gradients of a convolution by its definition.
struct ReferenceConvolution {
    private(set) var output: [Double]
    private(set) var inputDiff: [Double]
    private(set) var weightsDiff: [Double]
    private(set) var biasDiff: [Double]

    init(_ geometry: ConvolutionGeometry, input: [Float], weights: [Float], bias: [Float], outputDiff: [Float]) {
        output = geometry.output.dims.isEmpty ? [] : [Double](repeating: 0, count: geometry.output.count)
        inputDiff = [Double](repeating: 0, count: input.count)
        weightsDiff = [Double](repeating: 0, count: weights.count)
        biasDiff = [Double](repeating: 0, count: geometry.outputs)
        let (to, from, kernel) = (geometry.output, geometry.input, geometry.weights)
        let groupOutputs = geometry.outputs / geometry.group
        for index in output.indices {
            let x = index % to[3]
            let y = index / to[3] % to[2]
            let channel = index / (to[2] * to[3]) % to[1]
            let sample = index / to.count(from: 1)
            output[index] = Double(bias[channel])
            biasDiff[channel] += Double(outputDiff[index])
            for c in 0..<kernel[1] {
                for i in 0..<kernel[2] {
                    for j in 0..<kernel[3] {
                        let row = y * geometry.stride.height - geometry.pad.height + i * geometry.dilation.height
                        let column = x * geometry.stride.width - geometry.pad.width + j * geometry.dilation.width
                        if row < 0 || row >= from[2] || column < 0 || column >= from[3] { continue }
                        let source = channel / groupOutputs * kernel[1] + c
                        let at = ((sample * from[1] + source) * from[2] + row) * from[3] + column
                        let weight = ((channel * kernel[1] + c) * kernel[2] + i) * kernel[3] + j
                        output[index] += Double(input[at]) * Double(weights[weight])
                        inputDiff[at] += Double(outputDiff[index]) * Double(weights[weight])
                        weightsDiff[weight] += Double(outputDiff[index]) * Double(input[at])
                    }
                }
            }
        }
    }
}

extension ConvolutionGeometry {
    /// Shapes of all kinds: the seed's layers cut down, the golden net's channels, and odd ones.
    static let samples: [ConvolutionGeometry] = [
        // conv1 to conv5 of the seed, smaller pictures.
        .init(input: [2, 3, 35, 35], outputs: 96, kernel: Extent(11), stride: Extent(4)),
        .init(input: [1, 96, 6, 6], outputs: 256, kernel: Extent(5), pad: Extent(2), group: 2),
        .init(input: [1, 256, 4, 4], outputs: 384, kernel: Extent(3), pad: Extent(1)),
        .init(input: [2, 64, 7, 6], outputs: 32, kernel: Extent(3), pad: Extent(1), group: 2),
        // The small golden net: channels per group that are no multiples of 8 or 16.
        .init(input: [2, 3, 31, 31], outputs: 12, kernel: Extent(11), stride: Extent(4)),
        .init(input: [2, 12, 8, 8], outputs: 32, kernel: Extent(5), pad: Extent(2), group: 2),
        .init(input: [2, 32, 5, 5], outputs: 48, kernel: Extent(3), pad: Extent(1)),
        .init(input: [2, 48, 5, 5], outputs: 48, kernel: Extent(3), pad: Extent(1), group: 2),
        .init(input: [2, 48, 5, 5], outputs: 32, kernel: Extent(3), pad: Extent(1), group: 2),
        // One channel, kernels that are not square, strides, dilation, depth-wise groups, one pixel.
        .init(input: [3, 1, 10, 12], outputs: 20, kernel: Extent(5)),
        .init(input: [2, 20, 9, 7], outputs: 50, kernel: Extent(height: 3, width: 2), stride: Extent(2)),
        .init(
            input: [2, 5, 9, 11], outputs: 7, kernel: Extent(3), stride: Extent(height: 2, width: 3),
            pad: Extent(height: 1, width: 2)),
        .init(input: [2, 16, 12, 12], outputs: 24, kernel: Extent(3), pad: Extent(2), dilation: Extent(2)),
        .init(input: [2, 6, 8, 8], outputs: 6, kernel: Extent(3), pad: Extent(1), group: 6),
        .init(input: [2, 16, 8, 8], outputs: 16, kernel: Extent(3), pad: Extent(1), group: 16),
        .init(input: [4, 33, 1, 1], outputs: 17, kernel: Extent(1)),
    ]
}
