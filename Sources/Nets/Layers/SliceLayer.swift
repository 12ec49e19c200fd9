import CaffeProto
package import Tensors

/// Takes a bottom apart along an axis (`axis`, or the older `slice_dim`; 1 unless given), a part for each top.
///
/// Each `slice_point` is where the next part starts; without them all parts have the same length.
/// Backward joins the tops' diffs. Source: Caffe, src/caffe/layers/slice_layer.cpp.
package final class SliceLayer: Layer {
    private var parts = AxisParts(of: [0], axis: 0, lengths: [])

    package override var topCount: ClosedRange<Int> { 1...(.max) }

    package override var backwardReadsBottoms: Bool { false }
    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let given = definition.sliceParam
        guard !(given.hasAxis && given.hasSliceDim) else {
            throw fault("slice_param: axis and slice_dim mean the same; give one of them")
        }
        let axis = try axis(given.hasSliceDim ? Int(given.sliceDim) : Int(given.axis), of: bottom[0])
        let shape = bottom[0].shape
        let lengths = try lengths(of: shape[axis], points: given.slicePoint.map { Int($0) }, tops: top.count)
        for (blob, length) in zip(top, lengths) { try blob.reshape(shape.replacing(axis: axis, with: length)) }
        parts = AxisParts(of: shape, axis: axis, lengths: lengths)
    }

    private func lengths(of whole: Int, points: [Int], tops: Int) throws -> [Int] {
        if points.isEmpty {
            guard whole.isMultiple(of: tops) else {
                throw fault("can't cut \(whole) into \(tops) equal parts; give slice_point")
            }
            return Array(repeating: whole / tops, count: tops)
        }
        guard points.count == tops - 1 else {
            throw fault("has \(points.count) slice_point for \(tops) tops; \(tops) parts have \(tops - 1) borders")
        }
        let lengths = zip(points + [whole], [0] + points).map { $0 - $1 }
        guard lengths.allSatisfy({ $0 > 0 }) else {
            throw fault("slice_point \(points) must rise and lie inside the axis, which has length \(whole)")
        }
        return lengths
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        bottom[0].withData { x in
            for (index, blob) in top.enumerated() {
                blob.withMutableData { y in parts.take(index, of: x, into: &y) }
            }
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        bottom[0].withMutableDiff { dx in
            for (index, blob) in top.enumerated() {
                blob.withDiff { dy in parts.join(dy, index, into: &dx) }
            }
        }
    }
}
