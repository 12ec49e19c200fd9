import CaffeProto
package import Tensors

/// Half the mean squared distance: loss = 1/(2B) · Σ (a − b)², with B the samples of the global batch.
///
/// Bottoms: a and b of one shape, samples along the first axis. Top: loss (scalar).
/// Backward: da = (a − b) · dloss / B, db = −da.
/// Source: Caffe, src/caffe/layers/euclidean_loss_layer.cpp.
package final class EuclideanLossLayer: Layer {
    private var globalBatch: Float = 1

    package override var bottomCount: ClosedRange<Int> { 2...2 }
    package override func defaultLossWeight(ofTop index: Int) -> Float { 1 }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let (a, b) = (bottom[0].shape, bottom[1].shape)
        guard a.axes >= 1, b.axes >= 1, a[0] == b[0], a.count == b.count else {
            throw fault(
                "compares two blobs of one shape, found \"\(bottom[0].name)\" \(a) and \"\(bottom[1].name)\" \(b)")
        }
        try top[0].reshape([])
        globalBatch = Float(context.globalCount(a[0]))
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        var sum = 0.0
        bottom[0].withData { a in
            bottom[1].withData { b in
                for i in a.indices {
                    let difference = a[i] - b[i]
                    sum += Double(difference * difference)
                }
            }
        }
        top[0].withMutableData { loss in loss[0] = Float(sum) / globalBatch / 2 }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        let scale = top[0].withDiff { $0[0] } / globalBatch
        for index in 0..<2 where propagateDown[index] {
            let signed = index == 0 ? scale : -scale
            bottom[0].withData { a in
                bottom[1].withData { b in
                    bottom[index].withMutableDiff { diff in
                        for i in diff.indices { diff[i] = signed * (a[i] - b[i]) }
                    }
                }
            }
        }
    }
}
