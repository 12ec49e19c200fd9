package import CaffeProto
package import Tensors

/// Sum, product or maximum of blobs of one shape, number by number: `eltwise_param { operation: SUM | PROD | MAX }`.
///
/// SUM (the default) takes a `coeff` for each bottom, 1 unless given. Backward: SUM dxᵢ = coeffᵢ · dy; PROD dxᵢ = dy times
/// the other bottoms (as Caffe's `stable_prod_grad`, whatever that says); MAX hands dy to the bottom that won: of equals
/// the first, but the second before the first, as in Caffe. Source: Caffe, src/caffe/layers/eltwise_layer.cpp.
package final class EltwiseLayer: Layer {
    private let operation: EltwiseParameter.EltwiseOp
    private var coefficients: [Float] = []
    /// MAX: the number of the bottom that won.
    private var winners = Blob()

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        operation = definition.eltwiseParam.operation
        try super.init(definition, context: context)
    }

    package override var bottomCount: ClosedRange<Int> { 2...(.max) }

    package override func bottomLayouts(_ bottom: [Blob]) -> [Layout] {
        let isOne = bottom.allSatisfy { $0.layout == bottom[0].layout && $0.shape == bottom[0].shape }
        return bottom.map { isOne ? $0.layout : .plain }
    }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let given = definition.eltwiseParam.coeff
        guard given.isEmpty || operation == .sum else {
            throw fault("has coeff, which only operation SUM takes")
        }
        guard given.isEmpty || given.count == bottom.count else {
            throw fault("has \(given.count) coeff for \(bottom.count) bottoms; give one a bottom, or none")
        }
        for blob in bottom where blob.shape != bottom[0].shape {
            throw fault(
                "takes blobs of one shape, found \"\(bottom[0].name)\" \(bottom[0].shape) and \"\(blob.name)\" "
                    + "\(blob.shape)")
        }
        coefficients = given.isEmpty ? bottom.map { _ in 1 } : given
        try top[0].reshape(bottom[0].shape, layout: bottom[0].layout)
        if operation == .max {
            winners = Blob(name: "\(name) winners", bottom[0].shape, layout: bottom[0].layout)
        }
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        let (operation, coefficients) = (operation, coefficients)
        let count = top[0].storageCount
        nonisolated(unsafe) let (bottom, top, winners) = (bottom, top[0], winners)
        Threads.parallel(count) { range in
            unsafe top.withMutableData { y in
                for (index, blob) in unsafe bottom.enumerated() {
                    blob.withData { x in
                        switch operation {
                        case _ where index == 0:
                            let factor = operation == .sum ? coefficients[0] : 1
                            for i in range { y[i] = factor * x[i] }
                        case .sum:
                            let factor = coefficients[index]
                            for i in range { y[i] += factor * x[i] }
                        case .prod:
                            for i in range { y[i] *= x[i] }
                        case .max:
                            unsafe winners.withMutableData { winner in
                                Self.takeMaximum(x, index, range, &y, &winner)
                            }
                        }
                    }
                }
            }
        }
    }

    private static func takeMaximum(
        _ x: Span<Float>, _ index: Int, _ range: Range<Int>, _ y: inout MutableSpan<Float>,
        _ winner: inout MutableSpan<Float>
    ) {
        for i in range {
            if index == 1 { winner[i] = 0 }
            if index == 1 ? x[i] >= y[i] : x[i] > y[i] {
                y[i] = x[i]
                winner[i] = Float(index)
            }
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        for index in bottom.indices where propagateDown[index] { backward(top[0], bottom, to: index) }
    }

    private func backward(_ top: Blob, _ bottom: [Blob], to index: Int) {
        let (operation, coefficient) = (operation, coefficients[index])
        let count = top.storageCount
        nonisolated(unsafe) let (bottom, top, winners) = (bottom, top, winners)
        Threads.parallel(count) { range in
            unsafe bottom[index].withMutableDiff { dx in
                unsafe top.withDiff { dy in
                    switch operation {
                    case .sum:
                        for i in range { dx[i] = coefficient * dy[i] }
                    case .max:
                        unsafe winners.withData { winner in
                            for i in range { dx[i] = winner[i] == Float(index) ? dy[i] : 0 }
                        }
                    case .prod:
                        for i in range { dx[i] = dy[i] }
                        for (other, blob) in unsafe bottom.enumerated() where other != index {
                            blob.withData { x in
                                for i in range { dx[i] *= x[i] }
                            }
                        }
                    }
                }
            }
        }
    }
}
