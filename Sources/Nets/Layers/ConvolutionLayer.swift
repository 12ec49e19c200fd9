package import CaffeProto
package import Tensors

/// Convolution: N × C × H × W → N × outputs × H' × W', H' = ⌊(H + 2·pad − dilation·(kernel − 1) − 1) / stride⌋ + 1.
///
/// Each group of output channels sees its own part of the input channels:
/// y[n, o, i, j] = b[o] + Σ w[o, c, u, v] · x[n, c, i·stride + u·dilation − pad, j·stride + v·dilation − pad], zero outside.
/// Parameters: weights outputs × C/group × kernel height × kernel width, and a bias unless `bias_term: false`.
/// Backward fills the bottom's diff and both parameters' gradients. Here the windows of one sample after another are
/// unrolled into a matrix (im2col), so that a group's work is one matrix product.
/// Source: Caffe, src/caffe/layers/conv_layer.cpp and base_conv_layer.cpp.
package final class ConvolutionLayer: Layer {
    private let convolution: ConvolutionDefinition
    private var geometry: ConvolutionGeometry?
    /// The unrolled windows of one sample; nil where the image itself is that matrix.
    private var columns: FloatStorage?
    /// As many ones as the top has cells: a product with them sums a channel.
    private var ones = FloatStorage(count: 0)

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        convolution = try ConvolutionDefinition(definition)
        try super.init(definition, context: context)
    }

    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let geometry = try convolution.geometry(on: bottom[0], of: definition)
        self.geometry = geometry
        try geometry.output.checkCount(limit: context.memoryLimit)
        try top[0].reshape(geometry.output)
        try convolution.addParameters(geometry, to: self)
        let cells = geometry.output.count(from: 2)
        if !geometry.isPointwise {
            let unrolled: Shape = [geometry.input[1], geometry.kernel.height, geometry.kernel.width, cells]
            try unrolled.checkCount()
            columns = FloatStorage(count: unrolled.count)
        }
        if convolution.hasBias {
            ones = FloatStorage(count: cells)
            ones.fill(1)
        }
    }

    package override func multiplyAdds(bottom: [Blob], top: [Blob]) -> Int { geometry?.multiplyAdds ?? 0 }

    package override func forward(bottom: [Blob], top: [Blob]) {
        let group = GroupSizes(planned)
        if convolution.hasBias { spreadBias(to: top[0]) }
        parameters[0].blob.withData { weights in
            bottom[0].withData { x in
                top[0].withMutableData { y in
                    for sample in 0..<planned.input[0] {
                        withColumns(of: x.extracting(group.input(sample))) { columns in
                            for g in 0..<planned.group {
                                var part = y._mutatingExtracting(group.output(sample, g))
                                Gemm.multiply(
                                    m: group.outputs, n: group.cells, k: group.taps,
                                    a: weights.extracting(group.weights(g)), b: columns.extracting(group.columns(g)),
                                    beta: convolution.hasBias ? 1 : 0, c: &part)
                            }
                        }
                    }
                }
            }
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        if parameters[0].learns { backwardWeights(top[0], bottom[0]) }
        if convolution.hasBias, parameters[1].learns { backwardBias(top[0]) }
        if propagateDown[0] { backwardData(top[0], bottom[0]) }
    }

    private var planned: ConvolutionGeometry {
        guard let geometry else { preconditionFailure("\(name) runs before setUp") }
        return geometry
    }

    private func withColumns(of image: Span<Float>, _ body: (Span<Float>) -> Void) {
        guard let columns else { return body(image) }
        columns.withMutableSpan { matrix in Im2col.unroll(image, planned, into: &matrix) }
        columns.withSpan(body)
    }

    private func spreadBias(to top: Blob) {
        let cells = planned.output.count(from: 2)
        parameters[1].blob.withData { bias in
            top.withMutableData { y in
                for row in 0..<y.count / cells {
                    let value = bias[row % bias.count]
                    for i in row * cells..<(row + 1) * cells { y[i] = value }
                }
            }
        }
    }

    private func backwardWeights(_ top: Blob, _ bottom: Blob) {
        let group = GroupSizes(planned)
        let beta = parameters[0].gradientBeta()
        parameters[0].blob.withMutableDiff { gradient in
            bottom.withData { x in
                top.withDiff { dy in
                    for sample in 0..<planned.input[0] {
                        withColumns(of: x.extracting(group.input(sample))) { columns in
                            for g in 0..<planned.group {
                                var part = gradient._mutatingExtracting(group.weights(g))
                                Gemm.multiply(
                                    transposeB: true, m: group.outputs, n: group.taps, k: group.cells,
                                    a: dy.extracting(group.output(sample, g)), b: columns.extracting(group.columns(g)),
                                    beta: sample == 0 ? beta : 1, c: &part)
                            }
                        }
                    }
                }
            }
        }
    }

    private func backwardBias(_ top: Blob) {
        let beta = parameters[1].gradientBeta()
        let (outputs, cells) = (convolution.outputs, planned.output.count(from: 2))
        parameters[1].blob.withMutableDiff { gradient in
            top.withDiff { dy in
                ones.withSpan { ones in
                    for sample in 0..<planned.output[0] {
                        let part = dy.extracting(sample * outputs * cells..<(sample + 1) * outputs * cells)
                        BLAS.gemv(
                            m: outputs, n: cells, a: part, x: ones, beta: sample == 0 ? beta : 1, y: &gradient)
                    }
                }
            }
        }
    }

    private func backwardData(_ top: Blob, _ bottom: Blob) {
        let group = GroupSizes(planned)
        bottom.withMutableDiff { dx in
            top.withDiff { dy in
                for sample in 0..<planned.input[0] {
                    var image = dx._mutatingExtracting(group.input(sample))
                    guard let columns else {
                        productForData(dy, sample, group, to: &image)
                        continue
                    }
                    columns.withMutableSpan { matrix in productForData(dy, sample, group, to: &matrix) }
                    columns.withSpan { matrix in Im2col.fold(matrix, planned, into: &image) }
                }
            }
        }
    }

    private func productForData(
        _ dy: Span<Float>, _ sample: Int, _ group: GroupSizes, to columns: inout MutableSpan<Float>
    ) {
        parameters[0].blob.withData { weights in
            for g in 0..<planned.group {
                var part = columns._mutatingExtracting(group.columns(g))
                Gemm.multiply(
                    transposeA: true, m: group.taps, n: group.cells, k: group.outputs,
                    a: weights.extracting(group.weights(g)), b: dy.extracting(group.output(sample, g)), c: &part)
            }
        }
    }
}

/// Where a sample's and a group's parts lie in plain blobs.
struct GroupSizes {
    let group: Int
    /// Output channels of a group.
    let outputs: Int
    /// What one output sees: channels of a group × kernel height × kernel width.
    let taps: Int
    /// Cells of an output channel.
    let cells: Int
    let inputCount: Int

    init(_ geometry: ConvolutionGeometry) {
        group = geometry.group
        outputs = geometry.outputs / geometry.group
        taps = geometry.weights.count(from: 1)
        cells = geometry.output.count(from: 2)
        inputCount = geometry.input.count(from: 1)
    }

    func input(_ sample: Int) -> Range<Int> { sample * inputCount..<(sample + 1) * inputCount }

    func output(_ sample: Int, _ g: Int) -> Range<Int> {
        let start = (sample * group + g) * outputs * cells
        return start..<start + outputs * cells
    }

    func weights(_ g: Int) -> Range<Int> { g * outputs * taps..<(g + 1) * outputs * taps }

    func columns(_ g: Int) -> Range<Int> { g * taps * cells..<(g + 1) * taps * cells }
}

extension ConvolutionGeometry {
    /// Whether the unrolled matrix of an image is the image.
    var isPointwise: Bool { kernel == Extent(1) && stride == Extent(1) && pad == Extent(0) }
}
