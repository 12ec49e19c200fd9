package import CaffeProto
package import Tensors

/// Makes one number of all axes from `axis` (0 unless given) on: y = coeff · SUM x, ASUM |x|, SUMSQ x² or MEAN x.
///
/// The top has the bottom's axes before `axis`; from axis 0 on it is a scalar, which may be a loss by its loss_weight. A
/// MEAN over the samples divides by those of the global batch, so that the sum over ranks is it.
/// Backward: dx = coeff · dy · (1, sign x, 2x, 1/count). Source: Caffe, src/caffe/layers/reduction_layer.cpp.
package final class ReductionLayer: Layer {
    private let operation: ReductionParameter.ReductionOp
    private var rows = 1
    private var run = 1
    /// coeff, and with MEAN one over the count.
    private var factor: Float = 1

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        operation = definition.reductionParam.operation
        try super.init(definition, context: context)
    }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let shape = bottom[0].shape
        let first = shape.axes == 0 ? 0 : try axis(Int(definition.reductionParam.axis), of: bottom[0])
        rows = shape.count(from: 0, to: first)
        run = shape.count(from: first)
        factor = definition.reductionParam.coeff
        if operation == .mean { factor /= Float(first == 0 ? context.globalCount(run) : run) }
        try top[0].reshape(Shape(Array(shape.dims[..<first])))
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        bottom[0].withData { x in
            top[0].withMutableData { y in
                for row in 0..<rows {
                    y[row] = factor * Float(sum(x.extracting(row * run..<(row + 1) * run)))
                }
            }
        }
    }

    private func sum(_ x: Span<Float>) -> Double {
        var sum = 0.0
        switch operation {
        case .sum, .mean: for i in x.indices { sum += Double(x[i]) }
        case .asum: for i in x.indices { sum += Double(abs(x[i])) }
        case .sumsq: for i in x.indices { sum += Double(x[i]) * Double(x[i]) }
        }
        return sum
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        bottom[0].withData { x in
            top[0].withDiff { dy in
                bottom[0].withMutableDiff { dx in
                    for row in 0..<rows {
                        let slope = factor * dy[row]
                        for i in row * run..<(row + 1) * run {
                            switch operation {
                            case .sum, .mean: dx[i] = slope
                            case .asum: dx[i] = x[i] > 0 ? slope : x[i] < 0 ? -slope : 0
                            case .sumsq: dx[i] = 2 * slope * x[i]
                            }
                        }
                    }
                }
            }
        }
    }
}
