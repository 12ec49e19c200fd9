import CaffeProto
import Tensors

/// A Pooling's parameters, read and checked (Caffe: src/caffe/layers/pooling_layer.cpp).
struct PoolingDefinition {
    let method: DNNLPooling.Method
    /// nil for global_pooling, whose one window is the whole image.
    private let kernel: Extent?
    private let stride: Extent
    private let pad: Extent
    private let roundsUp: Bool

    /// Reads the layer's definition; throws what makes no sense whatever the bottom is.
    init(_ definition: LayerParameter) throws {
        let parameter = definition.poolingParam
        switch parameter.pool {
        case .max: method = .max
        case .ave: method = .average
        case .stochastic:
            throw definition.fault("has pool STOCHASTIC, which this program does not have; use MAX or AVE")
        }
        roundsUp = parameter.roundMode == .ceil
        let sizes = AxisSizes(definition: definition)
        let kernel = try sizes.read(
            "kernel_size", parameter.hasKernelSize ? [parameter.kernelSize] : [],
            h: parameter.hasKernelH ? parameter.kernelH : nil, w: parameter.hasKernelW ? parameter.kernelW : nil,
            atLeast: 1)
        let stride = try sizes.read(
            "stride", parameter.hasStride ? [parameter.stride] : [],
            h: parameter.hasStrideH ? parameter.strideH : nil, w: parameter.hasStrideW ? parameter.strideW : nil,
            atLeast: 1)
        let pad = try sizes.read(
            "pad", parameter.hasPad ? [parameter.pad] : [], h: parameter.hasPadH ? parameter.padH : nil,
            w: parameter.hasPadW ? parameter.padW : nil)
        self.kernel = kernel
        self.stride = stride ?? Extent(1)
        self.pad = pad ?? Extent(0)
        try check(parameter.globalPooling, definition)
    }

    private func check(_ isGlobal: Bool, _ definition: LayerParameter) throws {
        guard let kernel else {
            guard isGlobal else {
                throw definition.fault("needs kernel_size, or kernel_h and kernel_w, or global_pooling: true")
            }
            guard stride == Extent(1), pad == Extent(0) else {
                throw definition.fault(
                    "has global_pooling with pad \(pad) and stride \(stride); it takes no pad or stride")
            }
            return
        }
        guard !isGlobal else { throw definition.fault("has both global_pooling and a kernel; give one or the other") }
        guard pad.height < kernel.height, pad.width < kernel.width else {
            throw definition.fault("has pad \(pad), which must be less than its kernel, \(kernel)")
        }
    }

    /// The pooling of this bottom, which must fit.
    func geometry(on bottom: Blob, of definition: LayerParameter) throws -> PoolingGeometry {
        let shape = bottom.shape
        guard shape.axes == 4 else {
            throw definition.fault("needs a bottom of N × C × H × W, but \"\(bottom.name)\" is \(shape)")
        }
        let kernel = kernel ?? Extent(height: shape[2], width: shape[3])
        guard shape[2] + 2 * pad.height >= kernel.height, shape[3] + 2 * pad.width >= kernel.width else {
            throw definition.fault(
                "its kernel is \(kernel), but bottom \"\(bottom.name)\" has only \(shape[2])×\(shape[3]), padded by "
                    + "\(pad); use a smaller kernel or larger images")
        }
        let geometry = PoolingGeometry(input: shape, kernel: kernel, stride: stride, pad: pad, roundsUp: roundsUp)
        guard (geometry.output[2] - 1) * stride.height < shape[2] + pad.height,
            (geometry.output[3] - 1) * stride.width < shape[3] + pad.width
        else {
            throw definition.fault(
                "its last window would lie outside of bottom \"\(bottom.name)\" (\(shape)), since its stride \(stride) "
                    + "is larger than its kernel \(kernel); use round_mode: FLOOR")
        }
        try geometry.output.checkCount()
        return geometry
    }
}
