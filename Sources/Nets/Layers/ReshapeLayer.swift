import CaffeProto
package import Tensors

/// Gives a blob another shape of as many numbers: `reshape_param { shape { dim: … } axis num_axes }`.
///
/// The dims replace `num_axes` axes from `axis` on (all unless given; −1 as axis is behind the last one). A dim of 0 is
/// the bottom's in that place, one −1 is what is left over. The top is a copy, so that a layer that works in place on it
/// leaves the bottom whole. Backward: dx = dy. Source: Caffe, src/caffe/layers/reshape_layer.cpp.
package final class ReshapeLayer: Layer {
    package override var backwardReadsBottoms: Bool { false }
    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let shape = bottom[0].shape
        let replaced = try replacedAxes(of: shape)
        var dims = try definition.reshapeParam.shape.dim.enumerated().map { index, dim in
            guard -1...Int64(Int32.max) ~= dim, dim != 0 || replaced.lowerBound + index < shape.axes else {
                throw fault("reshape_param: dim \(dim) in place \(index) has no meaning for a bottom of shape \(shape)")
            }
            return dim == 0 ? shape[replaced.lowerBound + index] : Int(dim)
        }
        dims = shape.dims[..<replaced.lowerBound] + dims + shape.dims[replaced.upperBound...]
        if let open = dims.firstIndex(of: -1) {
            let known = Shape(dims.filter { $0 != -1 }).count
            guard dims.count(where: { $0 == -1 }) == 1, known > 0, shape.count.isMultiple(of: known) else {
                throw misfit(dims, shape)
            }
            dims[open] = shape.count / known
        }
        guard Shape(dims).count == shape.count else { throw misfit(dims, shape) }
        try top[0].reshape(Shape(dims))
    }

    private func replacedAxes(of shape: Shape) throws -> Range<Int> {
        let parameter = definition.reshapeParam
        let (axis, count) = (Int(parameter.axis), Int(parameter.numAxes))
        let first = axis < 0 ? axis + shape.axes + 1 : axis
        let end = count == -1 ? shape.axes : first + count
        guard 0...shape.axes ~= first, count >= -1, end <= shape.axes else {
            throw fault(
                "reshape_param: num_axes \(count) from axis \(axis) on do not exist in a bottom of shape \(shape)")
        }
        return first..<end
    }

    private func misfit(_ dims: [Int], _ shape: Shape) -> NetError {
        fault(
            "can't make \(dims) of a bottom of shape \(shape), which has \(shape.count) numbers; let dim: 0 or -1 stand for "
                + "the samples, of which each rank has a part, and give at most one -1")
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        Elementwise.copyData(bottom[0], to: top[0])
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        if propagateDown[0] { Elementwise.copyDiff(top[0], to: bottom[0]) }
    }
}
