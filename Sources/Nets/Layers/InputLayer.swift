import CaffeProto
package import Tensors

/// Blobs that the program fills itself: tops of the shapes that `input_param` gives, one for all tops or one a top.
///
/// Neither forward nor backward do anything. Source: Caffe, src/caffe/layers/input_layer.cpp.
package final class InputLayer: Layer {
    package override var bottomCount: ClosedRange<Int> { 0...0 }
    package override var topCount: ClosedRange<Int> { 1...(.max) }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let shapes = try definition.inputParam.shape.map { given in
            guard given.dim.allSatisfy({ $0 > 0 && $0 <= Int32.max }) else {
                throw fault("input_param: lengths of a shape must be 1 or more, found \(given.dim)")
            }
            return Shape(given.dim.map { Int($0) })
        }
        guard shapes.count == top.count || shapes.count == 1 else {
            throw fault(
                "has \(shapes.count) shapes for \(top.count) tops; input_param { shape { dim: … } } must give one for "
                    + "all or one a top")
        }
        for (index, blob) in top.enumerated() { try blob.reshape(shapes.count == 1 ? shapes[0] : shapes[index]) }
    }

    package override func forward(bottom: [Blob], top: [Blob]) {}
}
