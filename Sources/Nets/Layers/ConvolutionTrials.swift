import CaffeProto
import Tensors

/// A convolution's passes by oneDNN's direct and Winograd's algorithm, and its forward by im2col, for measuring.
///
/// Where forward is faster by im2col, all passes are done so, since blobs then have another layout.
/// Made when the first is measured, and shared, since making takes longer than running.
final class ConvolutionTrials {
    static let winograd = "Winograd"
    static let im2col = "im2col"
    private static let direct = "direct"

    private let definition: LayerParameter
    private let context: NetContext
    private let geometry: ConvolutionGeometry
    private let passes: [ConvolutionPass]
    private var made: [String: DNNLConvolution] = [:]
    private let blobs: (source: Blob, destination: Blob, weights: Blob)

    init(like convolution: DNNLConvolution, of layer: Layer) {
        (definition, context) = (layer.definition, layer.context)
        geometry = convolution.geometry
        passes = convolution.passesToCall
        blobs = (
            Blob(geometry.input, layout: convolution.sourceLayout),
            Blob(geometry.output, layout: convolution.destinationLayout), Blob(geometry.weights)
        )
    }

    /// "backward data of 384×15×15 → 256 by 3×3, pad 1×1, group 2".
    static func job(_ pass: ConvolutionPass, _ geometry: ConvolutionGeometry) -> String {
        let sample = Shape(Array(geometry.input.dims.dropFirst()))
        let rest = [
            geometry.stride == Extent(1) ? "" : ", stride \(geometry.stride)", ", pad \(geometry.pad)",
            geometry.dilation == Extent(1) ? "" : ", dilation \(geometry.dilation)",
            geometry.group == 1 ? "" : ", group \(geometry.group)",
        ]
        return "\(pass.rawValue) of \(sample) → \(geometry.outputs) by \(geometry.kernel)\(rest.joined())"
    }

    /// A trial for each pass that several kernels can do.
    var all: [KernelTrial] {
        passes.map { pass in
            var candidates = [KernelTrial.Candidate(Self.direct) { try self.prepare(Self.direct, [], pass) }]
            if geometry.suitsWinograd {
                candidates.append(.init(Self.winograd) { try self.prepare(Self.winograd, Set(self.passes), pass) })
            }
            if pass == .forward { candidates.append(.init(Self.im2col) { try? self.prepareUnrolled() }) }
            return KernelTrial(
                Self.job(pass, geometry), multiplyAdds: geometry.multiplyAdds, candidates: candidates,
                presumed: geometry.suitsWinograd ? Self.winograd : nil)
        }
    }

    /// The layer of the reference engine, on blobs of its own.
    private func prepareUnrolled() throws -> () -> Void {
        let layer = try ConvolutionLayer(definition, context: context)
        let (bottom, top) = (Blob(geometry.input), Blob(geometry.output))
        try layer.setUp(bottom: [bottom], top: [top])
        for parameter in layer.parameters {
            parameter.place(data: FloatStorage(count: parameter.shape.count), diff: nil)
        }
        for blob in [bottom, top] + layer.parameters.map(\.blob) {
            blob.withMutableData { values in for i in values.indices { values[i] = 0.5 } }
        }
        return { layer.forward(bottom: [bottom], top: [top]) }
    }

    private func prepare(
        _ name: String, _ winograd: Set<ConvolutionPass>, _ pass: ConvolutionPass
    ) throws -> (() throws -> Void)? {
        if made.isEmpty { fill() }
        let convolution =
            try made[name]
            ?? DNNLConvolution(
                geometry, hasBias: false, passesGradient: passes.contains(.backwardData),
                trains: passes.contains(.backwardWeights),
                sourceLayout: blobs.source.layout == .plain ? nil : blobs.source.layout, winograd: winograd)
        // Without a bias it might like other layouts; then there is nothing to compare.
        guard convolution.sourceLayout == blobs.source.layout, convolution.destinationLayout == blobs.destination.layout
        else { return nil }
        made[name] = convolution
        guard convolution.winogradPasses.contains(pass) == winograd.contains(pass) else { return nil }
        let (source, destination, weights) = blobs
        switch pass {
        case .forward:
            return { try convolution.forward(source: source, weights: weights, bias: nil, destination: destination) }
        case .backwardData:
            return { try convolution.backwardData(destination: destination, weights: weights, source: source) }
        case .backwardWeights:
            return {
                try convolution.backwardWeights(
                    source: source, destination: destination, weights: .replace(weights), bias: .none)
            }
        }
    }

    /// Memory that nobody has written is one page again and again, which would be too fast.
    private func fill() {
        for blob in [blobs.source, blobs.destination, blobs.weights] {
            blob.allocateDiff()
            blob.withMutableData { values in for i in values.indices { values[i] = 0.5 } }
            blob.withMutableDiff { values in for i in values.indices { values[i] = 0.25 } }
        }
    }
}
