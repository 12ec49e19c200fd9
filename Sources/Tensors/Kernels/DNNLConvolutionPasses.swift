import CDNNL

/// What a convolution computes.
package enum ConvolutionPass: String, Sendable, CaseIterable {
    case forward
    case backwardData = "backward data"
    case backwardWeights = "backward weights"
}

/// The up to three primitives of a convolution, which agree on layouts.
struct DNNLConvolutionPasses {
    let sourceLayout: Layout
    let destinationLayout: Layout
    let request: Request
    private(set) var forward: DNNLPrimitive
    let backwardData: DNNLPrimitive?
    let backwardWeights: DNNLPrimitive?

    struct Request {
        let geometry: ConvolutionGeometry
        let hasBias: Bool
        let passesGradient: Bool
        let trains: Bool
        let precision: Precision

        /// The passes that will be called.
        var passes: [ConvolutionPass] {
            [.forward] + (passesGradient ? [.backwardData] : []) + (trains ? [.backwardWeights] : [])
        }

        /// Caffe's order; oneDNN gives the group an axis of its own.
        var weights: Shape {
            let plain = geometry.weights
            let group = geometry.group
            return group == 1 ? plain : Shape([group, plain[0] / group] + plain.dims.dropFirst())
        }

        /// What errors call it.
        func name(_ pass: String) -> String { "convolution \(pass) of \(geometry)" }
    }

    /// oneDNN's own choice of layouts, or plain ones where it knows no fast way in its own.
    ///
    /// In float32 also where it has no kernel for the precision asked for.
    init(_ request: Request, sourceLayout: Layout?) throws(DNNLError) {
        let sourceLayout = sourceLayout?.of(.float32)
        if request.precision == .bf16, let rounded = Self(inBFloat16: request, source: sourceLayout?.of(.bf16)) {
            self = rounded
        } else if let chosen = try Self(request, source: sourceLayout, destination: nil), !chosen.hasReference {
            self = chosen
        } else if let plain = try Self(request, source: .plain, destination: .plain) {
            self = plain
        } else {
            preconditionFailure("a plain layout is plain")
        }
    }

    /// Nil if oneDNN refuses it, or would do it by general products.
    private init?(inBFloat16 request: Request, source: Layout?) {
        guard let passes = try? Self(request, source: source, destination: nil, .bf16),
            passes.all.allSatisfy(\.isForBFloat16)
        else { return nil }
        self = passes
    }

    /// Nil if it chose layouts that a blob can't have.
    private init?(
        _ request: Request, source: Layout?, destination: Layout?, _ precision: Precision = .float32
    ) throws(DNNLError) {
        let geometry = request.geometry
        let window = cdnnl_window(geometry)
        let weights = cdnnl_tensor(request.weights, nil, precision)
        let bias = request.hasBias ? cdnnl_tensor([geometry.outputs], .plain) : nil
        let forward = try Self.forward(request, source: source, destination: destination, precision)
        guard let sourceLayout = forward.layout(of: cdnnl_source, geometry.input),
            let destinationLayout = forward.layout(of: cdnnl_destination, geometry.output)
        else { return nil }
        self.request = request
        self.forward = forward
        self.sourceLayout = sourceLayout
        self.destinationLayout = destinationLayout

        let input = cdnnl_tensor(geometry.input, sourceLayout)
        let output = cdnnl_tensor(geometry.output, destinationLayout)
        let weightsDiff = cdnnl_tensor(request.weights, nil)
        backwardData =
            request.passesGradient
            ? try DNNLPrimitive(request.name("backward data")) { op in
                unsafe cdnnl_convolution_backward_data(
                    op, forward.pointer, cdnnl_direct, input, weights, output, window)
            } : nil
        backwardWeights =
            request.trains
            ? try DNNLPrimitive(request.name("backward weights")) { op in
                unsafe withOptionalPointer(to: bias) { bias in
                    unsafe cdnnl_convolution_backward_weights(
                        op, forward.pointer, cdnnl_direct, input, weightsDiff, bias, output, window)
                }
            } : nil
    }

    /// Forward, backward data and backward weights, as far as they are there.
    var all: [DNNLPrimitive] { [forward, backwardData, backwardWeights].compactMap(\.self) }

    /// Makes forward once more, so that it ends with a ReLU.
    mutating func rectify() throws(DNNLError) {
        forward = try Self.forward(
            request, source: sourceLayout, destination: destinationLayout, sourceLayout.precision, rectifies: true)
    }

    private static func forward(
        _ request: Request, source: Layout?, destination: Layout?, _ precision: Precision,
        rectifies: Bool = false
    ) throws(DNNLError) -> DNNLPrimitive {
        let geometry = request.geometry
        let window = cdnnl_window(geometry)
        let input = cdnnl_tensor(geometry.input, source, precision)
        let output = cdnnl_tensor(geometry.output, destination, precision)
        let weights = cdnnl_tensor(request.weights, nil, precision)
        let bias = request.hasBias ? cdnnl_tensor([geometry.outputs], .plain) : nil
        return try DNNLPrimitive(request.name("forward")) { op in
            unsafe withOptionalPointer(to: bias) { bias in
                unsafe cdnnl_convolution_forward(op, cdnnl_direct, input, weights, bias, output, window, rectifies)
            }
        }
    }

    /// Whether one of them is oneDNN's plain loops.
    private var hasReference: Bool { all.contains(where: \.isReference) }

    /// The most that any of them takes for its weights.
    var weightsBytes: Int {
        max(
            forward.bytes(of: cdnnl_weights), backwardData?.bytes(of: cdnnl_weights) ?? 0,
            backwardWeights?.bytes(of: cdnnl_diff_weights) ?? 0)
    }
}

extension cdnnl_window {
    init(_ geometry: ConvolutionGeometry) {
        // At the end oneDNN wants what the last window really reaches, which may be less than the pad.
        func end(_ length: Int, _ reach: Int, _ stride: Int, _ input: Int, _ pad: Int) -> Int {
            max(0, (length - 1) * stride + reach - input - pad)
        }
        let output = geometry.output
        let padEnd = Extent(
            height: end(
                output[2], geometry.reach.height, geometry.stride.height, geometry.input[2], geometry.pad.height),
            width: end(output[3], geometry.reach.width, geometry.stride.width, geometry.input[3], geometry.pad.width))
        self.init(
            kernel: geometry.kernel, stride: geometry.stride, dilation: geometry.dilation, padBegin: geometry.pad,
            padEnd: padEnd)
    }
}

/// Lends a pointer to a value, or nil if there is none.
func withOptionalPointer<T, R>(to value: T?, _ body: (UnsafePointer<T>?) -> R) -> R {
    guard var value else { return body(nil) }
    return unsafe withUnsafePointer(to: &value, body)
}
