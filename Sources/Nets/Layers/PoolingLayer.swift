package import CaffeProto
package import Tensors

/// Pooling over windows of each channel, MAX or AVE: N × C × H × W → N × C × H' × W'.
///
/// H' = ⌈(H + 2·pad − kernel) / stride⌉ + 1 (⌊ ⌋ with `round_mode: FLOOR`), less a last window that would lie in the pad
/// alone. MAX takes the largest value of the window's cells inside the image, the first of equals; a second top gets its
/// index in the H × W plane. AVE divides the sum by the window's cells inside image and pad.
/// Backward: MAX hands dy to the cell that won, AVE to all cells of the window in equal parts; a second top passes
/// nothing down. Source: Caffe, src/caffe/layers/pooling_layer.cpp.
package class PoolingLayer: Layer {
    let pooling: PoolingDefinition
    private var planes: PoolingPlanes?
    /// MAX: where each window's maximum lies; the second top if there is one.
    private var winners: Blob?

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        pooling = try PoolingDefinition(definition)
        try super.init(definition, context: context)
    }

    package override var topCount: ClosedRange<Int> { pooling.method == .max ? 1...2 : 1...1 }

    package override var backwardReadsBottoms: Bool { false }
    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let geometry = try pooling.geometry(on: bottom[0], of: definition)
        for blob in top { try blob.reshape(geometry.output) }
        planes = PoolingPlanes(geometry)
        if pooling.method == .max {
            guard geometry.input.count(from: 2) <= 1 << 24 else {
                throw fault(
                    "its bottom \"\(bottom[0].name)\" has planes of more than 2^24 values, whose numbers float32 can't hold; use "
                        + "smaller images")
            }
            // Not the second top itself: a layer behind may change that in place.
            winners = Blob(name: "\(name) winners", geometry.output)
        }
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        guard let planes else { preconditionFailure("forward before setUp") }
        if let winners {
            planes.forwardMaximum(bottom[0], to: top[0], winners: winners)
            if top.count == 2 { top[1].copyData(of: winners) }
        } else {
            planes.forwardAverage(bottom[0], to: top[0])
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) throws {
        guard let planes else { preconditionFailure("backward before setUp") }
        guard propagateDown[0] else { return }
        if let winners {
            planes.backwardMaximum(top[0], winners: winners, to: bottom[0])
        } else {
            planes.backwardAverage(top[0], to: bottom[0])
        }
    }
}
