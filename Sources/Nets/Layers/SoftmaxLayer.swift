import CaffeProto
import Foundation
package import Tensors

/// Softmax along an axis (1 unless given): y = e^(x − max x) / Σ e^(x − max x).
///
/// Bottom and top have one shape and may be one blob. Backward: dx = y · (dy − Σ dy · y), the sum along the axis.
/// Source: Caffe, src/caffe/layers/softmax_layer.cpp.
package final class SoftmaxLayer: Layer {
    private var softmax = Softmax(along: 0, of: [1])

    package override var worksInPlace: Bool { true }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        softmax = Softmax(along: try axis(Int(definition.softmaxParam.axis), of: bottom[0]), of: bottom[0].shape)
        if top[0] !== bottom[0] { try top[0].reshape(bottom[0].shape) }
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        Elementwise.copyData(bottom[0], to: top[0])
        top[0].withMutableData { softmax.apply(to: &$0) }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        Elementwise.copyDiff(top[0], to: bottom[0])
        top[0].withData { y in
            bottom[0].withMutableDiff { softmax.differentiate(y, &$0) }
        }
    }
}

/// The softmax of a blob's numbers along an axis: of `outer` × `inner` columns of `classes` numbers each.
struct Softmax {
    let outer: Int
    let classes: Int
    let inner: Int

    init(along axis: Int, of shape: Shape) {
        outer = shape.count(from: 0, to: axis)
        classes = shape[axis]
        inner = shape.count(from: axis + 1)
    }

    /// How many columns there are.
    var columns: Int { outer * inner }

    /// Where a column's number for a class lies; columns are numbered as labels are, o · inner + i.
    @inline(__always)
    func position(_ column: Int, class number: Int) -> Int {
        let (o, i) = column.quotientAndRemainder(dividingBy: inner)
        return (o * classes + number) * inner + i
    }

    /// Where all numbers of a column lie.
    @inline(__always)
    func positions(_ column: Int) -> StrideTo<Int> {
        let first = position(column, class: 0)
        return stride(from: first, to: first + classes * inner, by: inner)
    }

    /// Replaces numbers by their softmax.
    func apply(to values: inout MutableSpan<Float>) {
        for column in 0..<columns {
            let positions = positions(column)
            var largest = -Float.infinity
            for k in positions { largest = max(largest, values[k]) }
            var sum: Float = 0
            for k in positions {
                values[k] = exp(values[k] - largest)
                sum += values[k]
            }
            for k in positions { values[k] /= sum }
        }
    }

    /// Replaces the gradient of the softmax y by the gradient of what it was taken of.
    func differentiate(_ y: Span<Float>, _ diff: inout MutableSpan<Float>) {
        for column in 0..<columns {
            let positions = positions(column)
            var dot: Float = 0
            for k in positions { dot += diff[k] * y[k] }
            for k in positions { diff[k] = y[k] * (diff[k] - dot) }
        }
    }
}
