package import CaffeProto
package import Tensors

/// Convolution by oneDNN in the layouts that it likes best; formula, shapes and gradients are those of `ConvolutionLayer`.
package final class DNNLConvolutionLayer: Layer {
    private let convolution: ConvolutionDefinition
    private var primitive: DNNLConvolution?
    /// The reference engine's layer, which does it all where measuring found it to be faster.
    private var unrolled: ConvolutionLayer?

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        convolution = try ConvolutionDefinition(definition)
        try super.init(definition, context: context)
    }

    package override var readsBFloat16: Bool { true }

    package override func bottomLayouts(_ bottom: [Blob]) throws -> [Layout] {
        let geometry = try convolution.geometry(on: bottom[0], of: definition)
        if isChosen(ConvolutionTrials.im2col, for: .forward, geometry) {
            let layer = try ConvolutionLayer(definition, context: context)
            (layer.runsBackward, layer.propagateDown) = (runsBackward, propagateDown)
            unrolled = layer
            return [.plain]
        }
        let primitive = try DNNLConvolution(
            geometry, hasBias: convolution.hasBias,
            passesGradient: propagateDown[0], trains: wantsGradient(ofParameter: 0) || wantsGradient(ofParameter: 1),
            sourceLayout: bottom[0].layout == .plain ? nil : bottom[0].layout, precision: context.precision,
            winograd: chosenForWinograd(geometry), scratch: context.scratch)
        self.primitive = primitive
        return [primitive.sourceLayout]
    }

    private func chosenForWinograd(_ geometry: ConvolutionGeometry) -> Set<ConvolutionPass> {
        Set(ConvolutionPass.allCases.filter { isChosen(ConvolutionTrials.winograd, for: $0, geometry) })
    }

    private func isChosen(_ kernel: String, for pass: ConvolutionPass, _ geometry: ConvolutionGeometry) -> Bool {
        definition.engine == nil && context.kernels.kernel(for: ConvolutionTrials.job(pass, geometry)) == kernel
    }

    /// Whether oneDNN computes it, so that a ReLU can be part of it.
    var canRectify: Bool { unrolled == nil }

    package override var kernelTrials: [KernelTrial] {
        definition.engine == nil && unrolled == nil ? ConvolutionTrials(like: planned, of: self).all : []
    }

    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        if let unrolled {
            try unrolled.setUp(bottom: bottom, top: top)
            parameters = unrolled.parameters
            return
        }
        try top[0].reshape(planned.geometry.output, layout: planned.destinationLayout)
        try convolution.addParameters(planned.geometry, to: self)
    }

    private var planned: DNNLConvolution {
        guard let primitive else { preconditionFailure("\(name) runs before it was asked for its layouts") }
        return primitive
    }

    /// From now on the top's data is max(y, 0): the ReLU that follows is part of this layer's forward.
    func rectify() throws { try planned.rectify() }

    package override func multiplyAdds(bottom: [Blob], top: [Blob]) -> Int {
        unrolled?.multiplyAdds(bottom: bottom, top: top) ?? planned.geometry.multiplyAdds
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        if let unrolled {
            // They may be another layer's by now.
            unrolled.parameters = parameters
            return unrolled.forward(bottom: bottom, top: top)
        }
        try planned.forward(
            source: bottom[0], weights: parameters[0].blob, bias: convolution.hasBias ? parameters[1].blob : nil,
            destination: top[0])
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) throws {
        if let unrolled { return unrolled.backward(top: top, propagateDown: propagateDown, bottom: bottom) }
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
