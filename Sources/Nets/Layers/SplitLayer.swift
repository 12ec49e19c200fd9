import CaffeProto
package import Tensors

/// Lets several layers read one blob: every top has the bottom's data (shared, not copied) and a diff of its own.
///
/// Bottom and tops have one shape, in any layout. Backward: dx = Σ dyᵢ. The net inserts it (`SplitInsertion`).
/// Source: Caffe, src/caffe/layers/split_layer.cpp.
package final class SplitLayer: Layer {
    package override var topCount: ClosedRange<Int> { 1...(.max) }

    package override func bottomLayouts(_ bottom: [Blob]) -> [Layout] { bottom.map(\.layout) }

    package override var backwardReadsBottoms: Bool { false }
    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        for blob in top {
            try blob.reshape(bottom[0].shape, layout: bottom[0].layout)
            blob.shareData(of: bottom[0])
        }
    }

    package override func forward(bottom: [Blob], top: [Blob]) {}

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        nonisolated(unsafe) let (sources, target) = (top, bottom[0])
        Threads.parallel(bottom[0].storageCount) { range in
            unsafe target.withMutableDiff { dx in
                for (number, source) in unsafe sources.enumerated() {
                    source.withDiff { dy in
                        if number == 0 {
                            for i in range { dx[i] = dy[i] }
                        } else {
                            for i in range { dx[i] += dy[i] }
                        }
                    }
                }
            }
        }
    }
}
