import CDNNL

/// A convolution by oneDNN, on blobs in the layouts that oneDNN likes best and weights in Caffe's order.
///
/// Each pass is direct or, where told so and oneDNN can, by Winograd's algorithm (`DNNLWinograd`).
/// Weights change each step, so each pass first copies them into its primitive's own order (some hundredths of the pass).
/// Backward calls belong to the last `forward` only through the blobs: they read what is given.
@safe package final class DNNLConvolution {
    package let geometry: ConvolutionGeometry
    /// The layouts that source and destination must have; the layer asks the net for the first.
    package var sourceLayout: Layout { passes.sourceLayout }
    package var destinationLayout: Layout { passes.destinationLayout }

    private var passes: DNNLConvolutionPasses
    private var forwardWeights: DNNLWeightsInput
    private let backwardWeights: DNNLWeightsInput?
    private let gradient: DNNLWeightsGradient?
    /// Weights in a primitive's own order.
    private let converted: FloatStorage
    private var winograd: [ConvolutionPass: DNNLWinograd]
    private let scratch: SharedScratch

    /// Makes the primitives; the choice of layouts, and everything else that costs time, is here.
    ///
    /// - Parameters:
    ///   - passesGradient: Whether `backwardData` will be called.
    ///   - trains: Whether `backwardWeights` will be called.
    ///   - sourceLayout: The layout that the source has already; a hint, read `sourceLayout` for the answer.
    ///   - precision: In bf16 source and destination are bfloat16 numbers, and so are the weights that it multiplies by;
    ///     sums and gradients of weights and bias are float32. Where oneDNN has no kernel for that, all is float32: the
    ///     layouts tell.
    ///   - winograd: The passes to be done by Winograd's algorithm; read `winogradPasses` for the answer.
    ///   - scratch: What the kernels of a net share.
    package init(
        _ geometry: ConvolutionGeometry, hasBias: Bool, passesGradient: Bool = true, trains: Bool = true,
        sourceLayout: Layout? = nil, precision: Precision = .float32, winograd: Set<ConvolutionPass> = [],
        scratch: SharedScratch = SharedScratch()
    ) throws(DNNLError) {
        let request = DNNLConvolutionPasses.Request(
            geometry: geometry, hasBias: hasBias, passesGradient: passesGradient, trains: trains,
            precision: precision)
        let passes = try DNNLConvolutionPasses(request, sourceLayout: sourceLayout)
        let converted = FloatStorage(bytes: passes.weightsBytes)
        self.geometry = geometry
        self.passes = passes
        self.converted = converted
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
        self.scratch = scratch
        self.winograd = [:]
        for pass in winograd.intersection(request.passes) { self.winograd[pass] = makeWinograd(pass) }
    }

    private func makeWinograd(_ pass: ConvolutionPass, rectifies: Bool = false) -> DNNLWinograd? {
        DNNLWinograd(
            pass, passes.request, layouts: [sourceLayout, destinationLayout], scratch: scratch, rectifies: rectifies)
    }

    /// The passes that will be called.
    package var passesToCall: [ConvolutionPass] { passes.request.passes }

    /// The passes that are done by Winograd's algorithm.
    package var winogradPasses: Set<ConvolutionPass> { Set(winograd.keys) }

    /// Makes `forward` write max(y, 0) in y's place; at set-up only.
    package func rectify() throws(DNNLError) {
        if winograd[.forward] != nil { winograd[.forward] = makeWinograd(.forward, rectifies: true) }
        try passes.rectify()
        forwardWeights = try DNNLWeightsInput(of: passes.forward, passes.request.weights, converted)
    }

    /// "jit:avx512_common" and the like, of forward, backward data and backward weights, for logs and tests.
    package var implementations: [String] {
        passes.all.map(\.implementation)
    }

    /// Writes the destination's data: source ∗ weights + bias.
    package func forward(source: Blob, weights: Blob, bias: Blob?, destination: Blob) throws(DNNLError) {
        check(source, weights, destination)
        if let winograd = winograd[.forward] {
            return try winograd.forward(source: source, weights: weights, bias: bias, destination: destination)
        }
        try forwardWeights.convert(weights, for: passes.forward)
        unsafe passes.forward.bind(cdnnl_source, source.dataPointer)
        if let bias { unsafe passes.forward.bind(cdnnl_bias, bias.dataPointer) }
        unsafe passes.forward.bind(cdnnl_destination, destination.dataPointer)
        try passes.forward.run()
    }

    /// Writes the source's diff from the destination's.
    package func backwardData(destination: Blob, weights: Blob, source: Blob) throws(DNNLError) {
        guard let pass = passes.backwardData, let backwardWeights else {
            preconditionFailure("convolution made without backwardData")
        }
        check(source, weights, destination)
        if let winograd = winograd[.backwardData] {
            return try winograd.backwardData(destination: destination, weights: weights, source: source)
        }
        try backwardWeights.convert(weights, for: pass)
        unsafe pass.bind(cdnnl_diff_destination, destination.diffPointer)
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
        if let winograd = winograd[.backwardWeights] {
            return try winograd.backwardWeights(source: source, destination: destination, weights: weights, bias: bias)
        }
        unsafe pass.bind(cdnnl_source, source.dataPointer)
        unsafe pass.bind(cdnnl_diff_destination, destination.diffPointer)
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
