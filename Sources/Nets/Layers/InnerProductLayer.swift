package import CaffeProto
package import Tensors

/// Inner product: each sample's values times a matrix, plus a bias.
///
/// The bottom's axes from `axis` (1 unless given) on are one vector of K values, those before it M samples: M × K.
/// Y = X · Wᵀ + b, with weights outputs × K (K × outputs and Y = X · W + b with `transpose: true`); the top has the
/// bottom's axes before `axis`, then outputs. Backward: dX = dY · W, dW = dYᵀ · X, db = Σ dY over the samples;
/// or, where an exchange wants it so, X and dY are kept as dW's `Factors`.
/// Source: Caffe, src/caffe/layers/inner_product_layer.cpp.
package final class InnerProductLayer: Layer {
    package let outputs: Int
    private let hasBias: Bool
    /// Whether the weights lie as K × outputs.
    package let isTransposed: Bool
    private var kernels: ProductKernels
    private let precision: Precision
    /// M and K of this shard.
    package private(set) var samples = 0
    package private(set) var inputs = 0
    /// Yᵀ without the bias, for `forwardTurned`.
    private var turned = FloatStorage(count: 0)

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let parameter = definition.innerProductParam
        guard parameter.numOutput > 0 else {
            throw definition.fault(
                "has num_output \(parameter.numOutput); inner_product_param { num_output } must be 1 or more")
        }
        outputs = Int(parameter.numOutput)
        hasBias = parameter.biasTerm
        isTransposed = parameter.transpose
        kernels = ProductKernels(engine: context.defaultEngine, isTransposed: isTransposed)
        precision = context.precision
        try super.init(definition, context: context)
    }

    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let parameter = definition.innerProductParam
        let axis = try axis(Int(parameter.axis), of: bottom[0])
        let shape = bottom[0].shape
        samples = shape.count(from: 0, to: axis)
        inputs = shape.count(from: axis)
        if !isTransposed { kernels.take(context.kernels, outputs: outputs, inputs: inputs) }
        try top[0].reshape(Shape(shape.dims[..<axis] + [outputs]))
        if kernels.forward == .turnedOneDNN { turned = FloatStorage(count: outputs * samples) }
        try addParameter(
            isTransposed ? [inputs, outputs] : [outputs, inputs],
            filler: try filler(parameter.weightFiller, "weight_filler"))
        if hasBias { try addParameter([outputs], filler: filler(parameter.biasFiller, "bias_filler")) }
    }

    package override func multiplyAdds(bottom: [Blob], top: [Blob]) -> Int { samples * inputs * outputs }

    package override var kernelTrials: [KernelTrial] {
        isTransposed ? [] : kernels.trials(samples: samples, outputs: outputs, inputs: inputs)
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        if kernels.forward == .turnedOneDNN { return forwardTurned(bottom[0], top[0]) }
        if hasBias { spreadBias(to: top[0]) }
        parameters[0].blob.withData { weights in
            bottom[0].withData { x in
                top[0].withMutableData { y in
                    Gemm.multiply(
                        transposeB: !isTransposed, m: samples, n: outputs, k: inputs, a: x, b: weights,
                        beta: hasBias ? 1 : 0, c: &y, backend: kernels.forward.backend, precision: precision)
                }
            }
        }
    }

    private func forwardTurned(_ bottom: Blob, _ top: Blob) {
        turned.withMutableSpan { turned in
            parameters[0].blob.withData { weights in
                bottom.withData { x in
                    Gemm.multiply(
                        transposeB: true, m: outputs, n: samples, k: inputs, a: weights, b: x, c: &turned,
                        backend: kernels.forward.backend, precision: precision)
                }
            }
        }
        if hasBias { spreadBias(to: top) }
        turned.withSpan { turned in
            top.withMutableData { y in addTranspose(of: turned, to: &y, keeps: hasBias) }
        }
    }

    /// y = turnedᵀ, plus what y holds where it `keeps` that.
    private func addTranspose(of turned: Span<Float>, to y: inout MutableSpan<Float>, keeps: Bool) {
        for sample in 0..<samples {
            for o in 0..<outputs {
                let (from, to) = (o * samples + sample, sample * outputs + o)
                y[to] = keeps ? y[to] + turned[from] : turned[from]
            }
        }
    }

    private func spreadBias(to top: Blob) {
        parameters[1].blob.withData { bias in
            top.withMutableData { y in
                for start in stride(from: 0, to: y.count, by: outputs) {
                    for o in 0..<outputs { y[start + o] = bias[o] }
                }
            }
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        if parameters[0].learns {
            if case .factors(let factors) = parameters[0].form {
                keep(factors, top[0], bottom[0])
            } else {
                backwardWeights(top[0], bottom[0])
            }
        }
        if hasBias, parameters[1].learns, parameters[1].isWhole { backwardBias(top[0]) }
        if propagateDown[0] { backwardData(top[0], bottom[0]) }
    }

    /// Leaves X and dY, from which the weights' gradient is made when those of all ranks are there.
    private func keep(_ factors: Factors, _ top: Blob, _ bottom: Blob) {
        bottom.withData { x in
            top.withDiff { dy in
                if isTransposed { factors.append(left: x, right: dy) } else { factors.append(left: dy, right: x) }
            }
        }
    }

    private func backwardWeights(_ top: Blob, _ bottom: Blob) {
        let beta = parameters[0].gradientBeta()
        parameters[0].blob.withMutableDiff { gradient in
            bottom.withData { x in
                top.withDiff { dy in
                    if isTransposed {
                        Gemm.multiply(
                            transposeA: true, m: inputs, n: outputs, k: samples, a: x, b: dy, beta: beta,
                            c: &gradient, backend: kernels.weights.backend, precision: precision)
                    } else {
                        Gemm.multiply(
                            transposeA: true, m: outputs, n: inputs, k: samples, a: dy, b: x, beta: beta,
                            c: &gradient, backend: kernels.weights.backend, precision: precision)
                    }
                }
            }
        }
    }

    private func backwardBias(_ top: Blob) {
        let beta = parameters[1].gradientBeta()
        parameters[1].blob.withMutableDiff { gradient in
            if beta == 0 { for o in 0..<outputs { gradient[o] = 0 } }
            top.withDiff { dy in
                for start in stride(from: 0, to: dy.count, by: outputs) {
                    for o in 0..<outputs { gradient[o] += dy[start + o] }
                }
            }
        }
    }

    private func backwardData(_ top: Blob, _ bottom: Blob) {
        parameters[0].blob.withData { weights in
            bottom.withMutableDiff { dx in
                top.withDiff { dy in
                    Gemm.multiply(
                        transposeB: isTransposed, m: samples, n: inputs, k: outputs, a: dy, b: weights, c: &dx,
                        backend: kernels.data.backend, precision: precision)
                }
            }
        }
    }
}
