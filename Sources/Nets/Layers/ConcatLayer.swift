import CaffeProto
package import Tensors

/// Joins bottoms along an axis (`axis`, or the older `concat_dim`; 1 unless given): all other lengths must agree.
///
/// Backward gives each bottom its part of dy. Source: Caffe, src/caffe/layers/concat_layer.cpp.
package final class ConcatLayer: Layer {
    private var parts = AxisParts(of: [0], axis: 0, lengths: [])

    package override var bottomCount: ClosedRange<Int> { 1...(.max) }

    package override var backwardReadsBottoms: Bool { false }
    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let given = definition.concatParam
        guard !(given.hasAxis && given.hasConcatDim) else {
            throw fault("concat_param: axis and concat_dim mean the same; give one of them")
        }
        let axis = try axis(given.hasConcatDim ? Int(given.concatDim) : Int(given.axis), of: bottom[0])
        let first = bottom[0].shape
        for blob in bottom[1...] {
            guard blob.shape.axes == first.axes, blob.shape.replacing(axis: axis, with: first[axis]) == first else {
                throw fault(
                    "joins along axis \(axis), so all other lengths must agree, but bottom \"\(bottom[0].name)\" is "
                        + "\(first) and \"\(blob.name)\" is \(blob.shape)")
            }
        }
        let lengths = bottom.map { $0.shape[axis] }
        try top[0].reshape(first.replacing(axis: axis, with: lengths.reduce(0, +)))
        parts = AxisParts(of: top[0].shape, axis: axis, lengths: lengths)
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        top[0].withMutableData { y in
            for (index, blob) in bottom.enumerated() {
                blob.withData { x in parts.join(x, index, into: &y) }
            }
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        top[0].withDiff { dy in
            for (index, blob) in bottom.enumerated() where propagateDown[index] {
                blob.withMutableDiff { dx in parts.take(index, of: dy, into: &dx) }
            }
        }
    }
}
