import CaffeProto
package import Tensors

/// Takes blobs that nobody else reads, so that the net does not put them out.
///
/// Any number of bottoms, no top. Backward: dx = 0. Source: Caffe, src/caffe/layers/silence_layer.cpp.
package final class SilenceLayer: Layer {
    package override var bottomCount: ClosedRange<Int> { 1...(.max) }
    package override var topCount: ClosedRange<Int> { 0...0 }

    package override func bottomLayouts(_ bottom: [Blob]) -> [Layout] { bottom.map(\.layout) }

    package override func setUp(bottom: [Blob], top: [Blob]) {}

    package override func forward(bottom: [Blob], top: [Blob]) {}

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        for (index, blob) in bottom.enumerated() where propagateDown[index] {
            blob.withMutableDiff { dx in for i in dx.indices { dx[i] = 0 } }
        }
    }
}
