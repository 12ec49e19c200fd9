package import CaffeProto
package import Tensors

/// Dropout: in training y = x · m / (1 − ratio), where each m is 0 with probability `dropout_ratio`, else 1;
/// in testing y = x.
///
/// Bottom and top have any one shape, samples along the first axis, and may be one blob.
/// Backward: dx = dy · m / (1 − ratio). The mask is a function of the seed, the layer's name and the sample's global
/// position, so it is the same for any number of ranks; it is not kept but drawn again in backward.
/// Source: Srivastava et al., JMLR 15 (2014); Caffe, src/caffe/layers/dropout_layer.cpp.
package final class DropoutLayer: Layer {
    private let ratio: Float
    /// The mask of the last forward; nil where nothing is dropped.
    private var mask: DropoutMask?

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        ratio = definition.dropoutParam.dropoutRatio
        try super.init(definition, context: context)
        guard ratio >= 0, ratio < 1 else {
            throw fault("dropout_ratio must be at least 0 and below 1, found \(ratio)")
        }
    }

    package override var worksInPlace: Bool { true }

    package override var backwardReadsBottoms: Bool { false }
    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let shape = bottom[0].shape
        if top[0] !== bottom[0] { try top[0].reshape(shape) }
        guard context.phase == .train, ratio > 0 else { return }
        let random = Random(seed: context.seed, purpose: "dropout \(name)")
        mask = DropoutMask(of: shape, ratio: ratio, random: random, shard: context.shard.count)
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        Elementwise.copyData(bottom[0], to: top[0])
        mask?.firstPosition = context.firstPosition
        guard let mask else { return }
        nonisolated(unsafe) let target = top[0]
        Threads.parallel(mask.blocks, grain: DropoutMask.grain) { blocks in
            unsafe target.withMutableData { y in mask.apply(blocks, to: &y) }
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        Elementwise.copyDiff(top[0], to: bottom[0])
        guard let mask else { return }
        nonisolated(unsafe) let target = bottom[0]
        Threads.parallel(mask.blocks, grain: DropoutMask.grain) { blocks in
            unsafe target.withMutableDiff { dx in mask.apply(blocks, to: &dx) }
        }
    }
}

/// Which numbers of a blob are dropped, drawn in blocks of four; a block never crosses a sample.
private struct DropoutMask: Sendable {
    /// Blocks that are worth a thread of their own.
    static let grain = 1 << 12

    private let ratio: Float
    private let random: Random
    private let sampleLength: Int
    private let blocksPerSample: Int
    /// Blobs of the batch that lie one behind the other on the first axis have their samples at the same positions.
    private let samplesPerBatch: Int
    let blocks: Int
    var firstPosition = 0

    init(of shape: Shape, ratio: Float, random: Random, shard: Int) {
        self.ratio = ratio
        self.random = random
        let samples = shape.axes > 0 ? shape[0] : 1
        sampleLength = shape.axes > 0 ? shape.count(from: 1) : 1
        blocksPerSample = (sampleLength + 3) / 4
        samplesPerBatch = shard > 0 && samples.isMultiple(of: shard) ? shard : samples
        blocks = samples * blocksPerSample
    }

    /// Multiplies the numbers of these blocks by their m / (1 − ratio).
    func apply(_ blocks: Range<Int>, to values: inout MutableSpan<Float>) {
        let scale = 1 / (1 - ratio)
        var (sample, index) = blocks.lowerBound.quotientAndRemainder(dividingBy: blocksPerSample)
        for _ in blocks {
            let (repetition, position) = sample.quotientAndRemainder(dividingBy: samplesPerBatch)
            let bits = random.bits(
                position: UInt64(firstPosition + position), index: UInt64(repetition * blocksPerSample + index))
            let start = sample * sampleLength + 4 * index
            for lane in 0..<min(4, sampleLength - 4 * index) {
                let drop = Random.unit(bits[lane]) < ratio
                values[start + lane] = drop ? 0 : values[start + lane] * scale
            }
            index += 1
            if index == blocksPerSample { (sample, index) = (sample + 1, 0) }
        }
    }
}
