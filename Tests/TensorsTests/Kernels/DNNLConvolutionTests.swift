import Tensors
import Testing

@Suite struct DNNLConvolutionTests {
    /// One convolution with random values and what the plain loops make of them.
    private struct Case {
        let geometry: ConvolutionGeometry
        let convolution: DNNLConvolution
        let source: Blob
        let weights: Blob
        let bias: Blob
        let destination: Blob
        let expected: ReferenceConvolution
        /// The sums of the terms without their signs.
        let magnitudes: ReferenceConvolution

        init(
            _ geometry: ConvolutionGeometry, sourceLayout: Layout? = nil, precision: Precision = .float32,
            values: (Int, String) -> [Float] = Reference.values
        ) throws {
            self.geometry = geometry
            convolution = try DNNLConvolution(
                geometry, hasBias: true, sourceLayout: sourceLayout, precision: precision)
            let input = values(geometry.input.count, "input")
            let kernel = values(geometry.weights.count, "weights")
            let offset = values(geometry.outputs, "bias")
            let outputDiff = values(geometry.output.count, "output diff")
            source = Reference.blob(geometry.input, convolution.sourceLayout, data: input)
            weights = Reference.blob(geometry.weights, data: kernel)
            bias = Reference.blob([geometry.outputs], data: offset)
            destination = Reference.blob(geometry.output, convolution.destinationLayout, diff: outputDiff)
            expected = ReferenceConvolution(
                geometry, input: input, weights: kernel, bias: offset, outputDiff: outputDiff)
            magnitudes = ReferenceConvolution(
                geometry, input: input.map(abs), weights: kernel.map(abs), bias: offset.map(abs),
                outputDiff: outputDiff.map(abs))
        }

        /// One pass in each direction, as a layer runs them; gradients replace what the diffs held.
        func run() throws {
            weights.copyDiff(from: .init(repeating: .nan, count: weights.count))
            bias.copyDiff(from: .init(repeating: .nan, count: bias.count))
            try convolution.forward(source: source, weights: weights, bias: bias, destination: destination)
            try convolution.backwardWeights(
                source: source, destination: destination, weights: .replace(weights), bias: .replace(bias))
            try convolution.backwardData(destination: destination, weights: weights, source: source)
        }

        /// The worst of output and all gradients, each relative to its largest value.
        var worstDeviation: Double {
            max(
                Reference.deviation(Reference.data(destination), expected.output),
                Reference.deviation(Reference.diff(source), expected.inputDiff),
                Reference.deviation(weights.diffArray, expected.weightsDiff),
                Reference.deviation(bias.diffArray, expected.biasDiff))
        }

        /// The same, each value relative to the sum of its terms' magnitudes.
        var worstRelativeDeviation: Double {
            max(
                Reference.deviation(
                    Reference.data(destination), expected.output, magnitudes: magnitudes.output),
                Reference.deviation(Reference.diff(source), expected.inputDiff, magnitudes: magnitudes.inputDiff),
                Reference.deviation(weights.diffArray, expected.weightsDiff, magnitudes: magnitudes.weightsDiff),
                Reference.deviation(bias.diffArray, expected.biasDiff, magnitudes: magnitudes.biasDiff))
        }
    }

    @Test(arguments: ConvolutionGeometry.samples)
    func isTheDefinition(_ geometry: ConvolutionGeometry) throws {
        #expect(try Self.worstDeviation(geometry) < 1e-5)
    }

    static func worstDeviation(_ geometry: ConvolutionGeometry) throws -> Double {
        let it = try Case(geometry)
        try it.run()
        return it.worstDeviation
    }

    /// Factors that are in bfloat16 already are multiplied exactly and summed in float32; what goes into blobs is rounded
    /// once, gradients of weights and bias not at all.
    @Test(.enabled(if: Precision.bf16.isHere), arguments: ConvolutionGeometry.samples)
    func sumsInFloat32(_ geometry: ConvolutionGeometry) throws {
        let it = try Case(geometry, precision: .bf16, values: Reference.bfloat16Values)
        try it.run()
        #expect(Reference.deviation(it.weights.diffArray, it.expected.weightsDiff) < 1e-5)
        #expect(Reference.deviation(it.bias.diffArray, it.expected.biasDiff) < 1e-5)
        for (found, expected) in [
            (Reference.data(it.destination), it.expected.output), (Reference.diff(it.source), it.expected.inputDiff),
        ] {
            // Beside the rounding, what float32 makes of sums that nearly cancel.
            let allowed = (expected.map(abs).max() ?? 0) * 1e-5
            let worst = zip(found, expected).map {
                (abs(Double($0) - $1) - allowed) / max(abs($1), 1e-20)
            }.max()
            #expect(worst ?? .infinity <= Reference.bfloat16Rounding)
        }
    }

    /// Weights are rounded by the convolution; of blobs it gets what is rounded.
    @Test(.enabled(if: Precision.bf16.isHere), arguments: ConvolutionGeometry.samples)
    func roundsWeights(_ geometry: ConvolutionGeometry) throws {
        let it = try Case(geometry, precision: .bf16) { count, purpose in
            purpose == "weights" ? Reference.values(count, purpose) : Reference.bfloat16Values(count, purpose)
        }
        try it.run()
        #expect(it.worstRelativeDeviation < Reference.bfloat16Bound)
        #expect((it.worstRelativeDeviation > 1e-4) == (it.convolution.sourceLayout.precision == .bf16))
    }

    /// The seed's layers have kernels in bfloat16; groups of odd numbers of channels have none, and stay in float32.
    @Test(
        .enabled(if: Precision.bf16.isHere),
        arguments: zip([1, 2, 3, 5, 11], [Precision.bf16, .bf16, .bf16, .float32, .float32]))
    func layoutsTellInWhatItMultiplies(sample: Int, expected: Precision) throws {
        let convolution = try DNNLConvolution(
            ConvolutionGeometry.samples[sample], hasBias: true, precision: .bf16)
        #expect(convolution.sourceLayout.precision == expected, "\(convolution.implementations)")
        #expect(convolution.destinationLayout.precision == expected)
    }

    /// The seed's first layer at its own size, three channels in plain order.
    @Test(.enabled(if: Precision.bf16.isHere)) func theFirstLayerIsInBFloat16() throws {
        let geometry = ConvolutionGeometry(input: [1, 3, 256, 256], outputs: 96, kernel: Extent(11), stride: Extent(4))
        let convolution = try DNNLConvolution(geometry, hasBias: true, passesGradient: false, precision: .bf16)
        #expect(convolution.sourceLayout == .plainBF16, "\(convolution.implementations)")
        #expect(convolution.destinationLayout == .blockedBF16(16))
    }

    @Test(arguments: ConvolutionGeometry.samples)
    func gradientsAddUp(_ geometry: ConvolutionGeometry) throws {
        let it = try Case(geometry)
        for target in [GradientTarget.replace, GradientTarget.add, GradientTarget.add] {
            try it.convolution.backwardWeights(
                source: it.source, destination: it.destination, weights: target(it.weights), bias: target(it.bias))
        }
        #expect(Reference.deviation(it.weights.diffArray, it.expected.weightsDiff.map { 3 * $0 }) < 1e-5)
        #expect(Reference.deviation(it.bias.diffArray, it.expected.biasDiff.map { 3 * $0 }) < 1e-5)
    }

    @Test(arguments: ConvolutionGeometry.samples)
    func takesWhatItIsGiven(_ geometry: ConvolutionGeometry) throws {
        let it = try Case(geometry, sourceLayout: .plain)
        try it.convolution.forward(
            source: it.source, weights: it.weights, bias: it.bias, destination: it.destination)
        #expect(Reference.deviation(Reference.data(it.destination), it.expected.output) < 1e-5)
    }

    /// With the ReLU in forward, each result is what it was or 0; gradients are as before.
    @Test(arguments: ConvolutionGeometry.samples)
    func rectifies(_ geometry: ConvolutionGeometry) throws {
        let it = try Case(geometry)
        try it.convolution.rectify()
        try it.convolution.forward(
            source: it.source, weights: it.weights, bias: it.bias, destination: it.destination)
        let expected = it.expected.output.map { max($0, 0) }
        #expect(Reference.deviation(Reference.data(it.destination), expected) < 1e-5)
        try it.convolution.backwardData(destination: it.destination, weights: it.weights, source: it.source)
        #expect(Reference.deviation(Reference.diff(it.source), it.expected.inputDiff) < 1e-5)
    }

    @Test func followsItsWeights() throws {
        let it = try Case(ConvolutionGeometry.samples[2])
        for factor: Float in [1, 3] {
            it.weights.copyData(from: Reference.values(it.weights.count, "weights").map { factor * $0 })
            it.bias.copyData(from: Reference.values(it.bias.count, "bias").map { factor * $0 })
            try it.convolution.forward(
                source: it.source, weights: it.weights, bias: it.bias, destination: it.destination)
            let expected = it.expected.output.map { Double(factor) * $0 }
            #expect(Reference.deviation(Reference.data(it.destination), expected) < 1e-5)
        }
    }

    @Test func worksWithoutBias() throws {
        let geometry = ConvolutionGeometry.samples[3]
        let convolution = try DNNLConvolution(geometry, hasBias: false)
        let input = Reference.values(geometry.input.count, "input")
        let kernel = Reference.values(geometry.weights.count, "weights")
        let expected = ReferenceConvolution(
            geometry, input: input, weights: kernel, bias: .init(repeating: 0, count: geometry.outputs),
            outputDiff: .init(repeating: 0, count: geometry.output.count))
        let destination = Reference.blob(geometry.output, convolution.destinationLayout)
        let weights = Reference.blob(geometry.weights, data: kernel)
        let source = Reference.blob(geometry.input, convolution.sourceLayout, data: input)
        try convolution.forward(source: source, weights: weights, bias: nil, destination: destination)
        #expect(Reference.deviation(Reference.data(destination), expected.output) < 1e-5)
        try convolution.backwardWeights(
            source: source, destination: destination, weights: .replace(weights), bias: .none)
        #expect(weights.diffArray.allSatisfy { $0 == 0 })
    }

    @Test func saysWhatOneDNNRefuses() {
        let error = DNNLError(primitive: "LRN of 1×2×3×4, forward", status: "unimplemented")
        #expect(
            "\(error)" == "oneDNN \(DNNL.version) refused the LRN of 1×2×3×4, forward (unimplemented); "
                + "engine: CAFFE computes it without oneDNN")
    }
}
