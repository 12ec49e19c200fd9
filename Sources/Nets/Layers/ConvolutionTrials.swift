import Tensors

/// A convolution's passes by direct and by Winograd's algorithm, for measuring.
///
/// Made when the first is measured, and shared, since making takes longer than running.
final class ConvolutionTrials {
    static let winograd = "Winograd"
    private static let direct = "direct"

    private let geometry: ConvolutionGeometry
    private let passes: [ConvolutionPass]
    private var made: [String: DNNLConvolution] = [:]
    private let blobs: (source: Blob, destination: Blob, weights: Blob)

    init(_ convolution: DNNLConvolution, passes: [ConvolutionPass]) {
        geometry = convolution.geometry
        self.passes = passes
        blobs = (
            Blob(geometry.input, layout: convolution.sourceLayout),
            Blob(geometry.output, layout: convolution.destinationLayout), Blob(geometry.weights)
        )
    }

    /// "backward data of 256×15×15 → 384, kernel 3×3, stride 1×1, pad 1×1, dilation 1×1, group 2".
    static func job(_ pass: ConvolutionPass, _ geometry: ConvolutionGeometry) -> String {
        let sample = Shape(Array(geometry.input.dims.dropFirst()))
        return "\(pass.rawValue) of \(sample) → \(geometry.outputs), kernel \(geometry.kernel), stride "
            + "\(geometry.stride), pad \(geometry.pad), dilation \(geometry.dilation), group \(geometry.group)"
    }

    /// A trial for each pass that Winograd's algorithm can do.
    var all: [KernelTrial] {
        passes.map { pass in
            KernelTrial(
                Self.job(pass, geometry), multiplyAdds: geometry.multiplyAdds,
                candidates: [
                    .init(Self.direct) { try self.prepare(Self.direct, [], pass) },
                    .init(Self.winograd) { try self.prepare(Self.winograd, Set(self.passes), pass) },
                ])
        }
    }

    private func prepare(
        _ name: String, _ winograd: Set<ConvolutionPass>, _ pass: ConvolutionPass
    ) throws -> () throws -> Void {
        if made.isEmpty { fill() }
        let convolution = try made[name] ?? DNNLConvolution(geometry, hasBias: false, winograd: winograd)
        made[name] = convolution
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
