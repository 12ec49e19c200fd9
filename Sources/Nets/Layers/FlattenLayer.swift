import CaffeProto
package import Tensors

/// Makes one axis of the axes `axis` … `end_axis` (1 … last unless given): N × C × H × W becomes N × CHW.
///
/// The top is a copy, so that a layer that works in place on it leaves the bottom whole. Backward: dx = dy.
/// Source: Caffe, src/caffe/layers/flatten_layer.cpp.
package final class FlattenLayer: Layer {
    package override var backwardReadsBottoms: Bool { false }
    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let shape = bottom[0].shape
        let first = try axis(Int(definition.flattenParam.axis), of: bottom[0])
        let last = try axis(Int(definition.flattenParam.endAxis), of: bottom[0])
        guard first <= last else {
            throw fault("flatten_param: axis \(first) comes after end_axis \(last) in bottom shape \(shape)")
        }
        let flat = [shape.count(from: first, to: last + 1)]
        try top[0].reshape(Shape(shape.dims[..<first] + flat + shape.dims[(last + 1)...]))
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        Elementwise.copyData(bottom[0], to: top[0])
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        if propagateDown[0] { Elementwise.copyDiff(top[0], to: bottom[0]) }
    }
}
