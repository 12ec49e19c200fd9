import CaffeProto
package import Tensors

/// A learned blob as a top, of the shape `parameter_param { shape }`; zeros until weights are loaded.
///
/// Backward hands the top's diff to the parameter. Source: Caffe, include/caffe/layers/parameter_layer.hpp.
package final class ParameterLayer: Layer {
    package override var bottomCount: ClosedRange<Int> { 0...0 }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let dims = definition.parameterParam.shape.dim
        guard dims.allSatisfy({ 1...Int64(Int32.max) ~= $0 }) else {
            throw fault("parameter_param: lengths of a shape must be 1 or more, found \(dims)")
        }
        let shape = Shape(dims.map { Int($0) })
        try addParameter(shape, filler: .constant(0))
        try top[0].reshape(shape)
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        Elementwise.copyData(parameters[0].blob, to: top[0])
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard parameters[0].learns else { return }
        let beta = parameters[0].gradientBeta()
        parameters[0].blob.withMutableDiff { gradient in
            top[0].withDiff { dy in
                for i in dy.indices { gradient[i] = dy[i] + (beta == 0 ? 0 : gradient[i]) }
            }
        }
    }
}
