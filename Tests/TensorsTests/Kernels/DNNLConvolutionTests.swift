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

        init(_ geometry: ConvolutionGeometry, sourceLayout: Layout? = nil) throws {
            self.geometry = geometry
            convolution = try DNNLConvolution(geometry, hasBias: true, sourceLayout: sourceLayout)
            let input = Reference.values(geometry.input.count, "input")
            let kernel = Reference.values(geometry.weights.count, "weights")
            let offset = Reference.values(geometry.outputs, "bias")
            let outputDiff = Reference.values(geometry.output.count, "output diff")
            source = Reference.blob(geometry.input, convolution.sourceLayout, data: input)
            weights = Reference.blob(geometry.weights, data: kernel)
            bias = Reference.blob([geometry.outputs], data: offset)
            destination = Reference.blob(geometry.output, convolution.destinationLayout, diff: outputDiff)
            expected = ReferenceConvolution(
                geometry, input: input, weights: kernel, bias: offset, outputDiff: outputDiff)
        }
    }

    @Test(arguments: ConvolutionGeometry.samples)
    func isTheDefinition(_ geometry: ConvolutionGeometry) throws {
        #expect(try Self.worstDeviation(geometry) < 1e-5)
    }

    /// The worst of output and all gradients; those replace what the diffs held.
    static func worstDeviation(_ geometry: ConvolutionGeometry) throws -> Double {
        let it = try Case(geometry)
        it.weights.copyDiff(from: .init(repeating: .nan, count: it.weights.count))
        it.bias.copyDiff(from: .init(repeating: .nan, count: it.bias.count))
        try it.convolution.forward(
            source: it.source, weights: it.weights, bias: it.bias, destination: it.destination)
        try it.convolution.backwardData(destination: it.destination, weights: it.weights, source: it.source)
        try it.convolution.backwardWeights(
            source: it.source, destination: it.destination, weights: .replace(it.weights),
            bias: .replace(it.bias))
        return max(
            Reference.deviation(Reference.data(it.destination), it.expected.output),
            Reference.deviation(Reference.diff(it.source), it.expected.inputDiff),
            Reference.deviation(it.weights.diffArray, it.expected.weightsDiff),
            Reference.deviation(it.bias.diffArray, it.expected.biasDiff))
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
