import CaffeProto
package import Tensors

/// Cuts the first bottom to the second one's lengths on the axes from `axis` (2 unless given) on.
///
/// `offset` says where the cut starts: one number for all those axes, or one each; 0 unless given. The top has the first
/// bottom's lengths before `axis`. Backward puts dy in its place, and 0 around it; the second bottom gets no gradient.
/// Source: Caffe, src/caffe/layers/crop_layer.cpp.
package final class CropLayer: Layer {
    /// Where each row of the top, along its last axis, starts in the bottom.
    private var starts: [Int] = []
    private var row = 0

    package override var bottomCount: ClosedRange<Int> { 2...2 }
    package override func passesGradient(toBottom index: Int) -> Bool { index == 0 }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let (whole, model) = (bottom[0].shape, bottom[1].shape)
        let first = try axis(Int(definition.cropParam.axis), of: bottom[0])
        guard whole.axes == model.axes else {
            throw fault(
                "its bottoms must have as many axes, found \"\(bottom[0].name)\" \(whole) and "
                    + "\"\(bottom[1].name)\" \(model)")
        }
        let offsets = try offsets(from: first, axes: whole.axes)
        for axis in first..<whole.axes where offsets[axis] + model[axis] > whole[axis] {
            throw fault(
                "cuts \(model[axis]) from \(offsets[axis]) on along axis \(axis), where \"\(bottom[0].name)\" "
                    + "(\(whole)) has only \(whole[axis])")
        }
        let shape = Shape(Array(whole.dims[..<first] + model.dims[first...]))
        try top[0].reshape(shape)
        row = shape[shape.axes - 1]
        starts = Self.starts(of: shape, at: offsets, in: whole)
    }

    /// Where the cut starts on each axis.
    private func offsets(from first: Int, axes: Int) throws -> [Int] {
        let given = definition.cropParam.offset.map { Int($0) }
        guard [0, 1, axes - first].contains(given.count) else {
            throw fault(
                "has \(given.count) offsets for \(axes - first) axes from \(first) on; give one, or one an axis")
        }
        let cut = given.count > 1 ? given : Array(repeating: given.first ?? 0, count: axes - first)
        return Array(repeating: 0, count: first) + cut
    }

    private static func starts(of shape: Shape, at offsets: [Int], in whole: Shape) -> [Int] {
        var starts = [0]
        for axis in 0..<shape.axes - 1 {
            let step = whole.count(from: axis + 1)
            starts = starts.flatMap { start in (0..<shape[axis]).map { start + (offsets[axis] + $0) * step } }
        }
        return starts.map { $0 + offsets[shape.axes - 1] }
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        bottom[0].withData { x in
            top[0].withMutableData { y in
                for (index, start) in starts.enumerated() {
                    for i in 0..<row { y[index * row + i] = x[start + i] }
                }
            }
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        top[0].withDiff { dy in
            bottom[0].withMutableDiff { dx in
                for i in dx.indices { dx[i] = 0 }
                for (index, start) in starts.enumerated() {
                    for i in 0..<row { dx[start + i] = dy[index * row + i] }
                }
            }
        }
    }
}
