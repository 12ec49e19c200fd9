import CaffeProto
import Tensors

/// A Convolution's or Deconvolution's parameters, read and checked (Caffe: src/caffe/layers/base_conv_layer.cpp).
struct ConvolutionDefinition {
    let outputs: Int
    let group: Int
    let hasBias: Bool
    private let kernel: Extent
    private let stride: Extent
    private let pad: Extent
    private let dilation: Extent

    /// Reads the layer's definition; throws what makes no sense whatever the bottom is.
    init(_ definition: LayerParameter) throws {
        let parameter = definition.convolutionParam
        guard parameter.numOutput > 0 else {
            throw definition.fault(
                "has num_output \(parameter.numOutput); convolution_param { num_output } must be 1 or more")
        }
        guard parameter.axis == 1 else {
            throw definition.fault("has axis \(parameter.axis); only axis 1 (N × C × H × W) is supported: leave it out")
        }
        outputs = Int(parameter.numOutput)
        group = Int(parameter.group)
        hasBias = parameter.biasTerm
        guard group >= 1, outputs.isMultiple(of: group) else {
            throw definition.fault(
                "has num_output \(outputs) and group \(group); num_output must be a multiple of group")
        }
        let sizes = AxisSizes(definition: definition)
        let kernel = try sizes.read(
            "kernel_size", parameter.kernelSize, h: parameter.hasKernelH ? parameter.kernelH : nil,
            w: parameter.hasKernelW ? parameter.kernelW : nil, atLeast: 1)
        guard let kernel else { throw definition.fault("needs kernel_size, or kernel_h and kernel_w") }
        let stride = try sizes.read(
            "stride", parameter.stride, h: parameter.hasStrideH ? parameter.strideH : nil,
            w: parameter.hasStrideW ? parameter.strideW : nil, atLeast: 1)
        let pad = try sizes.read(
            "pad", parameter.pad, h: parameter.hasPadH ? parameter.padH : nil,
            w: parameter.hasPadW ? parameter.padW : nil)
        let dilation = try sizes.read("dilation", parameter.dilation, atLeast: 1)
        self.kernel = kernel
        self.stride = stride ?? Extent(1)
        self.pad = pad ?? Extent(0)
        self.dilation = dilation ?? Extent(1)
    }

    /// The bottom's N × C × H × W, whose channels the groups must divide.
    private func imageShape(of bottom: Blob, for definition: LayerParameter) throws -> Shape {
        let shape = bottom.shape
        guard shape.axes == 4 else {
            throw definition.fault("needs a bottom of N × C × H × W, but \"\(bottom.name)\" is \(shape)")
        }
        guard shape[1].isMultiple(of: group) else {
            throw definition.fault(
                "has group \(group), which does not divide the \(shape[1]) channels of \"\(bottom.name)\"")
        }
        return shape
    }

    /// The convolution of this bottom, which must fit.
    func geometry(on bottom: Blob, of definition: LayerParameter) throws -> ConvolutionGeometry {
        let shape = try imageShape(of: bottom, for: definition)
        let reach = Extent(
            height: dilation.height * (kernel.height - 1) + 1, width: dilation.width * (kernel.width - 1) + 1)
        guard shape[2] + 2 * pad.height >= reach.height, shape[3] + 2 * pad.width >= reach.width else {
            throw definition.fault(
                "its kernel reaches over \(reach), but bottom \"\(bottom.name)\" has only \(shape[2])×\(shape[3]), "
                    + "padded by \(pad); use a smaller kernel or larger images")
        }
        let geometry = ConvolutionGeometry(
            input: shape, outputs: outputs, kernel: kernel, stride: stride, pad: pad, dilation: dilation, group: group)
        try geometry.output.checkCount()
        try geometry.weights.checkCount()
        return geometry
    }

    /// The convolution that a Deconvolution of this bottom turns round: its input is the Deconvolution's top.
    func reversedGeometry(on bottom: Blob, of definition: LayerParameter) throws -> ConvolutionGeometry {
        let shape = try imageShape(of: bottom, for: definition)
        let height = stride.height * (shape[2] - 1) + dilation.height * (kernel.height - 1) + 1 - 2 * pad.height
        let width = stride.width * (shape[3] - 1) + dilation.width * (kernel.width - 1) + 1 - 2 * pad.width
        guard height > 0, width > 0 else {
            throw definition.fault(
                "its pad \(pad) leaves nothing of the top of bottom \"\(bottom.name)\" (\(shape)); use a smaller pad")
        }
        return ConvolutionGeometry(
            input: [shape[0], outputs, height, width], outputs: shape[1], kernel: kernel, stride: stride, pad: pad,
            dilation: dilation, group: group)
    }

    /// Adds weights (for a Convolution outputs × C/group × kernel height × kernel width, for a Deconvolution
    /// C × outputs/group × …) and, where wanted, the bias to the layer.
    func addParameters(_ geometry: ConvolutionGeometry, to layer: Layer) throws {
        let parameter = layer.definition.convolutionParam
        try layer.addParameter(geometry.weights, filler: layer.filler(parameter.weightFiller, "weight_filler"))
        if hasBias {
            try layer.addParameter([outputs], filler: layer.filler(parameter.biasFiller, "bias_filler"))
        }
    }
}
