import Tensors
import Testing

/// Convolutions of which some passes are Winograd's, against plain loops.
struct DNNLWinogradTests {
    /// What Winograd's kernels are made for: with and without groups, sizes that tiles of 4 × 4 do and don't divide.
    static let suitable: [ConvolutionGeometry] = [
        .init(input: [2, 32, 8, 8], outputs: 48, kernel: Extent(3), pad: Extent(1)),
        .init(input: [3, 64, 7, 6], outputs: 32, kernel: Extent(3), pad: Extent(1), group: 2),
        .init(input: [1, 256, 5, 5], outputs: 384, kernel: Extent(3), pad: Extent(1)),
        .init(input: [2, 96, 15, 15], outputs: 96, kernel: Extent(3), pad: Extent(1), group: 3),
    ]

    static let unsuitable: [ConvolutionGeometry] = [
        .init(input: [2, 3, 8, 8], outputs: 48, kernel: Extent(3), pad: Extent(1)),
        .init(input: [2, 32, 8, 8], outputs: 32, kernel: Extent(5), pad: Extent(2)),
        .init(input: [2, 32, 8, 8], outputs: 32, kernel: Extent(3), stride: Extent(2), pad: Extent(1)),
        .init(input: [2, 48, 8, 8], outputs: 48, kernel: Extent(3), pad: Extent(1), group: 2),
    ]

    private struct Case {
        let convolution: DNNLConvolution
        let source: Blob
        let weights: Blob
        let bias: Blob
        let destination: Blob
        let expected: ReferenceConvolution

        init(_ geometry: ConvolutionGeometry, _ winograd: Set<ConvolutionPass>) throws {
            convolution = try DNNLConvolution(geometry, hasBias: true, winograd: winograd)
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

        func forward() throws {
            try convolution.forward(source: source, weights: weights, bias: bias, destination: destination)
        }

        func backwardWeights(_ target: (Blob) -> GradientTarget) throws {
            try convolution.backwardWeights(
                source: source, destination: destination, weights: target(weights), bias: target(bias))
        }
    }

    @Test(arguments: suitable)
    func isTheDefinition(_ geometry: ConvolutionGeometry) throws {
        let it = try Case(geometry, Set(ConvolutionPass.allCases))
        try it.forward()
        try it.convolution.backwardData(destination: it.destination, weights: it.weights, source: it.source)
        #expect(Reference.deviation(Reference.data(it.destination), it.expected.output) < 2e-5)
        #expect(Reference.deviation(Reference.diff(it.source), it.expected.inputDiff) < 2e-5)
        for times in 1...3 {
            try it.backwardWeights { times == 1 ? .replace($0) : .add($0) }
            let (weights, bias) = (it.expected.weightsDiff, it.expected.biasDiff)
            #expect(Reference.deviation(it.weights.diffArray, weights.map { Double(times) * $0 }) < 2e-5)
            #expect(Reference.deviation(it.bias.diffArray, bias.map { Double(times) * $0 }) < 2e-5)
        }
    }

    @Test(arguments: suitable)
    func rectifies(_ geometry: ConvolutionGeometry) throws {
        let it = try Case(geometry, [.forward])
        try it.convolution.rectify()
        try it.forward()
        #expect(Reference.deviation(Reference.data(it.destination), it.expected.output.map { max($0, 0) }) < 2e-5)
    }

    /// Where oneDNN has these kernels at all, it has them for what suits them; for nothing else are they taken.
    @Test func isTakenWhereItSuits() throws {
        let isHere = try !Case(Self.suitable[0], [.forward]).convolution.winogradPasses.isEmpty
        for geometry in Self.suitable {
            let passes = try Case(geometry, Set(ConvolutionPass.allCases)).convolution.winogradPasses
            #expect(passes == (isHere ? Set(ConvolutionPass.allCases) : []), "\(geometry)")
        }
        for geometry in Self.unsuitable {
            #expect(try Case(geometry, Set(ConvolutionPass.allCases)).convolution.winogradPasses.isEmpty, "\(geometry)")
        }
        let frozen = try DNNLConvolution(
            Self.suitable[0], hasBias: false, passesGradient: false, trains: false,
            winograd: Set(ConvolutionPass.allCases))
        #expect(frozen.winogradPasses == (isHere ? [.forward] : []))
    }
}
