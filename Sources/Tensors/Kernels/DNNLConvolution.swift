import CDNNL

/// A convolution by oneDNN, on blobs in the layouts that oneDNN likes best and weights in Caffe's order.
///
/// Weights change each step, so each pass first copies them into its primitive's own order (some hundredths of the pass).
/// In float32 backward calls belong to the last `forward` only through the blobs: they read what is given. In bfloat16
/// `forward` keeps the rounded source for `backwardWeights`.
@safe package final class DNNLConvolution {
    package let geometry: ConvolutionGeometry
    /// The layouts that source and destination must have; the layer asks the net for the first.
    package var sourceLayout: Layout { passes.sourceLayout }
    package var destinationLayout: Layout { passes.destinationLayout }

    /// In what it multiplies: float32 also where oneDNN has no kernel for the precision asked for.
    package var precision: Precision { passes.precision }

    private let passes: DNNLConvolutionPasses
    private let forwardWeights: DNNLWeightsInput
    private let backwardWeights: DNNLWeightsInput?
    private let gradient: DNNLWeightsGradient?
    /// In bfloat16 only.
    private let rounding: DNNLConvolutionRounding?

    /// Makes the primitives; the choice of layouts, and everything else that costs time, is here.
    ///
    /// - Parameters:
    ///   - passesGradient: Whether `backwardData` will be called.
    ///   - trains: Whether `backwardWeights` will be called.
    ///   - sourceLayout: The layout that the source has already; a hint, read `sourceLayout` for the answer.
    ///   - precision: Read `precision` for the answer.
    ///   - scratch: What the convolutions of a net share, for values that are needed during a call only.
    package init(
        _ geometry: ConvolutionGeometry, hasBias: Bool, passesGradient: Bool = true, trains: Bool = true,
        sourceLayout: Layout? = nil, precision: Precision = .float32, scratch: SharedScratch = SharedScratch()
    ) throws(DNNLError) {
        let request = DNNLConvolutionPasses.Request(
            geometry: geometry, hasBias: hasBias, passesGradient: passesGradient, trains: trains,
            precision: precision)
        let passes = try DNNLConvolutionPasses(request, sourceLayout: sourceLayout)
        let converted = FloatStorage(bytes: passes.weightsBytes)
        self.geometry = geometry
        self.passes = passes
        let tensor = request.weights
        forwardWeights = try DNNLWeightsInput(of: passes.forward, tensor, converted)
        if let pass = passes.backwardData {
            backwardWeights = try DNNLWeightsInput(of: pass, tensor, converted)
        } else {
            backwardWeights = nil
        }
        if let pass = passes.backwardWeights {
            gradient = try DNNLWeightsGradient(of: pass, tensor, converted, biases: hasBias ? geometry.outputs : 0)
        } else {
            gradient = nil
        }
        rounding = passes.precision == .bf16 ? try DNNLConvolutionRounding(passes, geometry, scratch) : nil
    }

    /// "jit:avx512_common" and the like, of forward, backward data and backward weights, for logs and tests.
    package var implementations: [String] {
        passes.all.map(\.implementation)
    }

    /// Writes the destination's data: source ∗ weights + bias.
    package func forward(source: Blob, weights: Blob, bias: Blob?, destination: Blob) throws(DNNLError) {
        check(source, weights, destination)
        try forwardWeights.convert(weights, for: passes.forward)
        if let rounding { try rounding.roundSource(source) }
        unsafe passes.forward.bind(cdnnl_source, rounding?.source ?? source.dataPointer)
        if let bias { unsafe passes.forward.bind(cdnnl_bias, bias.dataPointer) }
        unsafe passes.forward.bind(cdnnl_destination, destination.dataPointer)
        try passes.forward.run()
    }

    /// Writes the source's diff from the destination's.
    ///
    /// - Parameter followsBackwardWeights: Whether nothing has run since `backwardWeights` on the same diff, so that it
    ///   need not be rounded again.
    package func backwardData(
        destination: Blob, weights: Blob, source: Blob, followsBackwardWeights: Bool = false
    ) throws(DNNLError) {
        guard let pass = passes.backwardData, let backwardWeights else {
            preconditionFailure("convolution made without backwardData")
        }
        check(source, weights, destination)
        try backwardWeights.convert(weights, for: pass)
        if let rounding, !followsBackwardWeights { try rounding.roundDiff(destination) }
        unsafe pass.bind(cdnnl_diff_destination, rounding?.diff ?? destination.diffPointer)
        unsafe pass.bind(cdnnl_diff_source, source.diffPointer)
        try pass.run()
    }

    /// Computes the gradients of weights and bias from the source's data and the destination's diff.
    package func backwardWeights(
        source: Blob, destination: Blob, weights: GradientTarget, bias: GradientTarget
    ) throws(DNNLError) {
        guard let pass = passes.backwardWeights, let gradient else {
            preconditionFailure("convolution made without backwardWeights")
        }
        check(source, destination)
        if let rounding { try rounding.roundDiff(destination) }
        unsafe pass.bind(cdnnl_source, rounding?.source ?? source.dataPointer)
        unsafe pass.bind(cdnnl_diff_destination, rounding?.diff ?? destination.diffPointer)
        try gradient.run(pass, weights: weights, bias: bias)
    }

    private func check(_ source: Blob, _ weights: Blob, _ destination: Blob) {
        precondition(weights.count == geometry.weights.count, "convolution by \(weights)")
        check(source, destination)
    }

    private func check(_ source: Blob, _ destination: Blob) {
        precondition(source.shape == geometry.input && source.layout == sourceLayout, "convolution of \(source)")
        precondition(
            destination.shape == geometry.output && destination.layout == destinationLayout,
            "convolution to \(destination)")
    }
}
