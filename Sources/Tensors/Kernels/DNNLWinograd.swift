import CDNNL

/// One pass of a convolution by Winograd's F(4×4, 3×3): 36 products where direct convolution takes 144.
///
/// For 3×3 kernels with stride 1 on blobs in blocks of 16, each group's channels a multiple of 16. oneDNN has it without groups,
/// so a group's channels are copied out, which costs some hundredths of what is gained. Its sums are of other terms than
/// those of direct convolution: results differ by some 10⁻⁶ of the largest.
/// Source: Lavin and Gray, "Fast algorithms for convolutional neural networks" (CVPR 2016).
@safe final class DNNLWinograd {
    private let geometry: ConvolutionGeometry
    private let pass: ConvolutionPass
    private let hasBias: Bool
    private let primitive: DNNLPrimitive
    /// All groups' weights into oneDNN's order; or their gradient out of it, in place of what is there or added to it.
    private let reorders: (replace: DNNLPrimitive, add: DNNLPrimitive?)
    /// The bias's gradient of this call, where it is added to what is there.
    private let bias: FloatStorage
    private let scratch: SharedScratch

    /// Nil where there is no such kernel for the convolution.
    ///
    /// - Parameter rectifies: Whether forward ends with a ReLU.
    init?(
        _ pass: ConvolutionPass, _ request: DNNLConvolutionPasses.Request, layouts: [Layout], scratch: SharedScratch,
        rectifies: Bool = false
    ) {
        let geometry = request.geometry
        guard geometry.suitsWinograd, layouts.allSatisfy({ $0 == .blocked(16) }),
            let primitive = try? Self.primitive(pass, geometry.ofOneGroup, hasBias: request.hasBias, rectifies),
            let reorders = try? Self.reorders(pass, request.weights)
        else { return nil }
        self.geometry = geometry
        self.pass = pass
        self.hasBias = request.hasBias
        self.primitive = primitive
        self.reorders = reorders
        self.scratch = scratch
        bias = FloatStorage(count: pass == .backwardWeights && hasBias ? geometry.outputs : 0)
        scratch.reserve(scratchpadStart + primitive.bytes(of: cdnnl_scratchpad) / MemoryLayout<Float>.stride)
    }

    private static func primitive(
        _ pass: ConvolutionPass, _ geometry: ConvolutionGeometry, hasBias: Bool, _ rectifies: Bool
    ) throws(DNNLError) -> DNNLPrimitive {
        let window = cdnnl_window(geometry)
        let source = cdnnl_tensor(geometry.input, .blocked(16))
        let destination = cdnnl_tensor(geometry.output, .blocked(16))
        var weights = cdnnl_tensor(geometry.weights, nil)
        weights.format = cdnnl_weights16
        let bias = hasBias ? cdnnl_tensor([geometry.outputs], .plain) : nil
        let name = "Winograd convolution \(pass.rawValue) of \(geometry)"
        let forward = try DNNLPrimitive(name, hasScratchpad: false) { op in
            unsafe withOptionalPointer(to: bias) { bias in
                unsafe cdnnl_convolution_forward(
                    op, cdnnl_winograd, source, weights, bias, destination, window, rectifies)
            }
        }
        switch pass {
        case .forward: return forward
        case .backwardData:
            return try DNNLPrimitive(name, hasScratchpad: false) { op in
                unsafe cdnnl_convolution_backward_data(
                    op, forward.pointer, cdnnl_winograd, source, weights, destination, window)
            }
        case .backwardWeights:
            return try DNNLPrimitive(name, hasScratchpad: false) { op in
                unsafe withOptionalPointer(to: bias) { bias in
                    unsafe cdnnl_convolution_backward_weights(
                        op, forward.pointer, cdnnl_winograd, source, weights, bias, destination, window)
                }
            }
        }
    }

    /// What brings the weights to the primitive, or their gradient from it: in place of what is there, and added to it.
    private static func reorders(
        _ pass: ConvolutionPass, _ shape: Shape
    ) throws(DNNLError) -> (replace: DNNLPrimitive, add: DNNLPrimitive?) {
        let plain = cdnnl_tensor(shape, .plain)
        var blocked = plain
        blocked.format = cdnnl_weights16
        func reorder(_ from: cdnnl_tensor, _ to: cdnnl_tensor, beta: Float) throws(DNNLError) -> DNNLPrimitive {
            try DNNLPrimitive("reorder of Winograd weights \(shape)") { op in unsafe cdnnl_reorder(op, from, to, beta) }
        }
        guard pass == .backwardWeights else { return (try reorder(plain, blocked, beta: 0), nil) }
        return (try reorder(blocked, plain, beta: 0), try reorder(blocked, plain, beta: 1))
    }

    // MARK: The passes

    /// Writes the destination's data.
    func forward(source: Blob, weights: Blob, bias: Blob?, destination: Blob) throws(DNNLError) {
        try take(weights)
        for group in 0..<geometry.group {
            if let bias { unsafe primitive.bind(cdnnl_bias, bias.dataPointer + group * outputs) }
            unsafe primitive.bind(cdnnl_source, gather(source.dataPointer, geometry.input, group, at: 0))
            let part = unsafe whole(destination.dataPointer) ?? scratch.pointer + outputStart
            unsafe primitive.bind(cdnnl_destination, part)
            try run(group, weights: cdnnl_weights)
            unsafe scatter(part, geometry.output, group, to: destination.dataPointer)
        }
    }

    /// Writes the source's diff.
    func backwardData(destination: Blob, weights: Blob, source: Blob) throws(DNNLError) {
        try take(weights)
        for group in 0..<geometry.group {
            unsafe primitive.bind(
                cdnnl_diff_destination, gather(destination.diffPointer, geometry.output, group, at: outputStart))
            let part = unsafe whole(source.diffPointer) ?? scratch.pointer
            unsafe primitive.bind(cdnnl_diff_source, part)
            try run(group, weights: cdnnl_weights)
            unsafe scatter(part, geometry.input, group, to: source.diffPointer)
        }
    }

    /// Writes, or adds to, the gradients of weights and bias.
    func backwardWeights(
        source: Blob, destination: Blob, weights: GradientTarget, bias: GradientTarget
    ) throws(DNNLError) {
        for group in 0..<geometry.group {
            unsafe primitive.bind(cdnnl_source, gather(source.dataPointer, geometry.input, group, at: 0))
            unsafe primitive.bind(
                cdnnl_diff_destination, gather(destination.diffPointer, geometry.output, group, at: outputStart))
            if hasBias { unsafe primitive.bind(cdnnl_diff_bias, self.bias.pointer + group * outputs) }
            try run(group, weights: cdnnl_diff_weights)
        }
        switch weights {
        case .replace(let blob): try give(blob, by: reorders.replace)
        case .add(let blob): try give(blob, by: reorders.add ?? reorders.replace)
        case .none: break
        }
        switch bias {
        case .replace(let blob): add(to: blob, keeps: false)
        case .add(let blob): add(to: blob, keeps: true)
        case .none: break
        }
    }

    private func take(_ blob: Blob) throws(DNNLError) {
        unsafe reorders.replace.bind(cdnnl_source, blob.dataPointer)
        unsafe reorders.replace.bind(cdnnl_destination, scratch.pointer + weightsStart)
        try reorders.replace.run()
    }

    private func give(_ blob: Blob, by reorder: DNNLPrimitive) throws(DNNLError) {
        unsafe reorder.bind(cdnnl_source, scratch.pointer + weightsStart)
        unsafe reorder.bind(cdnnl_destination, blob.diffPointer)
        try reorder.run()
    }

    private func add(to blob: Blob, keeps: Bool) {
        bias.withSpan { part in
            blob.withMutableDiff { sum in
                for i in part.indices { sum[i] = keeps ? sum[i] + part[i] : part[i] }
            }
        }
    }

    private func run(_ group: Int, weights argument: cdnnl_argument) throws(DNNLError) {
        let start = weightsStart + group * (geometry.weights.count / geometry.group)
        unsafe primitive.bind(argument, scratch.pointer + start)
        unsafe primitive.bind(cdnnl_scratchpad, scratch.pointer + scratchpadStart)
        try primitive.run()
    }

    // MARK: Groups

    private var outputs: Int { geometry.outputs / geometry.group }
    /// Where in the scratch a group's destination, the weights and the scratchpad lie, behind a group's source.
    ///
    /// Without groups nothing is copied. All begin a cache line, since all before them are blocks of 16 floats.
    private var outputStart: Int { geometry.group == 1 ? 0 : geometry.input.count / geometry.group }
    private var weightsStart: Int { outputStart + (geometry.group == 1 ? 0 : geometry.output.count / geometry.group) }
    private var scratchpadStart: Int { weightsStart + geometry.weights.count }

    private func whole(_ memory: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float>? {
        unsafe geometry.group == 1 ? memory : nil
    }

    /// A group's channels, copied to a place in the scratch unless they are all.
    private func gather(
        _ memory: UnsafeMutablePointer<Float>, _ shape: Shape, _ group: Int, at place: Int
    ) -> UnsafeMutablePointer<Float> {
        if let whole = unsafe whole(memory) { return unsafe whole }
        nonisolated(unsafe) let (memory, part) = unsafe (memory, scratch.pointer + place)
        let slices = GroupSlices(of: shape, groups: geometry.group, group)
        Threads.parallel(shape[0], grain: 1) { samples in
            for n in samples {
                unsafe (part + slices.part(n)).update(from: memory + slices.whole(n), count: slices.count)
            }
        }
        return unsafe part
    }

    /// Copies a group's channels back.
    private func scatter(
        _ part: UnsafeMutablePointer<Float>, _ shape: Shape, _ group: Int, to memory: UnsafeMutablePointer<Float>
    ) {
        if geometry.group == 1 { return }
        nonisolated(unsafe) let (memory, part) = unsafe (memory, part)
        let slices = GroupSlices(of: shape, groups: geometry.group, group)
        Threads.parallel(shape[0], grain: 1) { samples in
            for n in samples {
                unsafe (memory + slices.whole(n)).update(from: part + slices.part(n), count: slices.count)
            }
        }
    }
}

/// Where a group's channels of a sample lie, in a blob in blocks of 16 and in memory of their own.
private struct GroupSlices: Sendable {
    let count: Int
    private let groups: Int
    private let group: Int

    init(of shape: Shape, groups: Int, _ group: Int) {
        count = shape.count(from: 1) / groups
        (self.groups, self.group) = (groups, group)
    }

    func whole(_ sample: Int) -> Int { (sample * groups + group) * count }
    func part(_ sample: Int) -> Int { sample * count }
}

extension ConvolutionGeometry {
    /// Whether Winograd's kernels are made for it; a version of oneDNN, or a processor, may lack them all the same.
    package var suitsWinograd: Bool {
        kernel == Extent(3) && stride == Extent(1) && dilation == Extent(1) && (input[1] / group).isMultiple(of: 16)
            && (outputs / group).isMultiple(of: 16)
    }

    /// The convolution of one of the groups.
    fileprivate var ofOneGroup: ConvolutionGeometry {
        ConvolutionGeometry(
            input: input.replacing(axis: 1, with: input[1] / group), outputs: outputs / group, kernel: kernel,
            stride: stride, pad: pad, dilation: dilation)
    }
}
