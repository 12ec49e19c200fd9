package import CaffeProto
package import Tensors

/// Transposed convolution: N × C × H × W → N × outputs × H' × W', H' = stride · (H − 1) + dilation · (kernel − 1) + 1 − 2 · pad.
///
/// What a Convolution from the top's shape to the bottom's does backwards, this does forwards: each number of x adds its
/// share of the kernel to the top: y[n, o, i·stride + u·dilation − pad, …] += w[c, o, u, v] · x[n, c, i, j], plus b[o].
/// Parameters: weights C × outputs/group × kernel height × kernel width, and a bias unless `bias_term: false`.
/// Backward fills the bottom's diff and both parameters' gradients.
/// Source: Caffe, src/caffe/layers/deconv_layer.cpp.
package final class DeconvolutionLayer: Layer {
    private let convolution: ConvolutionDefinition
    /// The convolution that this turns round.
    private var geometry: ConvolutionGeometry?
    /// The unrolled windows of one sample of the top; nil where the image itself is that matrix.
    private var columns: FloatStorage?
    /// How the bias lies along the top.
    private var channels = Broadcast([], along: 0, of: [])

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        convolution = try ConvolutionDefinition(definition)
        try super.init(definition, context: context)
    }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let geometry = try convolution.reversedGeometry(on: bottom[0], of: definition)
        self.geometry = geometry
        try top[0].reshape(geometry.input)
        try convolution.addParameters(geometry, to: self)
        channels = Broadcast([convolution.outputs], along: 1, of: geometry.input)
        if !geometry.isPointwise {
            let unrolled: Shape = [geometry.weights.count(from: 1), geometry.group, geometry.output.count(from: 2)]
            try unrolled.checkCount()
            columns = FloatStorage(count: unrolled.count)
        }
    }

    package override func multiplyAdds(bottom: [Blob], top: [Blob]) -> Int { geometry?.multiplyAdds ?? 0 }

    private var planned: ConvolutionGeometry {
        guard let geometry else { preconditionFailure("\(name) runs before setUp") }
        return geometry
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        let sizes = GroupSizes(planned)
        bottom[0].withData { x in
            top[0].withMutableData { y in
                for sample in 0..<planned.input[0] {
                    var image = y._mutatingExtracting(sizes.input(sample))
                    guard let columns else {
                        multiply(x, sample, sizes, into: &image)
                        continue
                    }
                    columns.withMutableSpan { matrix in multiply(x, sample, sizes, into: &matrix) }
                    columns.withSpan { matrix in Im2col.fold(matrix, planned, into: &image) }
                }
            }
        }
        if convolution.hasBias { channels.addData(parameters[1].blob, to: top[0]) }
    }

    /// The matrix of a sample's top: Wᵀ · x.
    private func multiply(_ x: Span<Float>, _ sample: Int, _ sizes: GroupSizes, into matrix: inout MutableSpan<Float>) {
        parameters[0].blob.withData { weights in
            for g in 0..<planned.group {
                var part = matrix._mutatingExtracting(sizes.columns(g))
                Gemm.multiply(
                    transposeA: true, m: sizes.taps, n: sizes.cells, k: sizes.outputs,
                    a: weights.extracting(sizes.weights(g)), b: x.extracting(sizes.output(sample, g)), c: &part)
            }
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        if convolution.hasBias, parameters[1].learns {
            channels.sumDiff(of: top[0], beta: parameters[1].gradientBeta(), to: parameters[1].blob)
        }
        let beta = parameters[0].learns ? parameters[0].gradientBeta() : 0
        let sizes = GroupSizes(planned)
        top[0].withDiff { dy in
            for sample in 0..<planned.input[0] {
                withColumns(of: dy.extracting(sizes.input(sample))) { columns in
                    if parameters[0].learns {
                        backwardWeights(columns, bottom[0], sample, sizes, beta: sample == 0 ? beta : 1)
                    }
                    if propagateDown[0] { backwardData(columns, to: bottom[0], sample, sizes) }
                }
            }
        }
    }

    private func withColumns(of image: Span<Float>, _ body: (Span<Float>) -> Void) {
        guard let columns else { return body(image) }
        columns.withMutableSpan { matrix in Im2col.unroll(image, planned, into: &matrix) }
        columns.withSpan(body)
    }

    private func backwardWeights(
        _ columns: Span<Float>, _ bottom: Blob, _ sample: Int, _ sizes: GroupSizes, beta: Float
    ) {
        parameters[0].blob.withMutableDiff { gradient in
            bottom.withData { x in
                for g in 0..<planned.group {
                    var part = gradient._mutatingExtracting(sizes.weights(g))
                    Gemm.multiply(
                        transposeB: true, m: sizes.outputs, n: sizes.taps, k: sizes.cells,
                        a: x.extracting(sizes.output(sample, g)), b: columns.extracting(sizes.columns(g)), beta: beta,
                        c: &part)
                }
            }
        }
    }

    private func backwardData(_ columns: Span<Float>, to bottom: Blob, _ sample: Int, _ sizes: GroupSizes) {
        parameters[0].blob.withData { weights in
            bottom.withMutableDiff { dx in
                for g in 0..<planned.group {
                    var part = dx._mutatingExtracting(sizes.output(sample, g))
                    Gemm.multiply(
                        m: sizes.outputs, n: sizes.cells, k: sizes.taps, a: weights.extracting(sizes.weights(g)),
                        b: columns.extracting(sizes.columns(g)), c: &part)
                }
            }
        }
    }
}
