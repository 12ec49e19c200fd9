package import CaffeProto
package import Tensors

/// Convolution by oneDNN in the layouts that it likes best; formula, shapes and gradients are those of `ConvolutionLayer`.
package final class DNNLConvolutionLayer: Layer {
    private let convolution: ConvolutionDefinition
    private var primitive: DNNLConvolution?

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        convolution = try ConvolutionDefinition(definition)
        try super.init(definition, context: context)
    }

    package override var readsBFloat16: Bool { true }

    package override func bottomLayouts(_ bottom: [Blob]) throws -> [Layout] {
        let geometry = try convolution.geometry(on: bottom[0], of: definition)
        let primitive = try DNNLConvolution(
            geometry, hasBias: convolution.hasBias,
            passesGradient: propagateDown[0], trains: wantsGradient(ofParameter: 0) || wantsGradient(ofParameter: 1),
            sourceLayout: bottom[0].layout == .plain ? nil : bottom[0].layout, precision: context.precision,
            winograd: chosenForWinograd(geometry), scratch: context.scratch)
        self.primitive = primitive
        return [primitive.sourceLayout]
    }

    private func chosenForWinograd(_ geometry: ConvolutionGeometry) -> Set<ConvolutionPass> {
        guard definition.engine == nil else { return [] }
        return Set(
            ConvolutionPass.allCases.filter {
                context.kernels.kernel(for: ConvolutionTrials.job($0, geometry)) == ConvolutionTrials.winograd
            })
    }

    package override var kernelTrials: [KernelTrial] {
        definition.engine == nil ? ConvolutionTrials(like: planned).all : []
    }

    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        top[0].reshape(planned.geometry.output, layout: planned.destinationLayout)
        try convolution.addParameters(planned.geometry, to: self)
    }

    private var planned: DNNLConvolution {
        guard let primitive else { preconditionFailure("\(name) runs before it was asked for its layouts") }
        return primitive
    }

    /// From now on the top's data is max(y, 0): the ReLU that follows is part of this layer's forward.
    func rectify() throws { try planned.rectify() }

    package override func multiplyAdds(bottom: [Blob], top: [Blob]) -> Int { planned.geometry.multiplyAdds }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        try planned.forward(
            source: bottom[0], weights: parameters[0].blob, bias: convolution.hasBias ? parameters[1].blob : nil,
            destination: top[0])
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) throws {
        if parameters.contains(where: \.learns) {
            try planned.backwardWeights(
                source: bottom[0], destination: top[0], weights: target(0),
                bias: convolution.hasBias ? target(1) : .none)
        }
        if propagateDown[0] {
            try planned.backwardData(destination: top[0], weights: parameters[0].blob, source: bottom[0])
        }
    }

    private func target(_ index: Int) -> GradientTarget {
        let parameter = parameters[index]
        guard parameter.learns else { return .none }
        return parameter.gradientBeta() == 0 ? .replace(parameter.blob) : .add(parameter.blob)
    }
}
