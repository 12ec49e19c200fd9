package import Tensors

/// Local response normalisation by oneDNN in the layout of its bottom; formula, shapes and gradients are those of
/// `LRNLayer`, which takes over within channels, where oneDNN has nothing fast.
package final class DNNLLRNLayer: LRNLayer {
    private var primitive: DNNLLRN?

    package override var readsBFloat16: Bool { true }

    package override func bottomLayouts(_ bottom: [Blob]) throws -> [Layout] {
        [rule.isAcrossChannels ? bottom[0].layout : .plain]
    }

    package override var backwardReadsTops: Bool { primitive == nil }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        guard rule.isAcrossChannels else { return try super.setUp(bottom: bottom, top: top) }
        try checkImages(bottom[0])
        let (shape, layout) = (bottom[0].shape, bottom[0].layout)
        try top[0].reshape(shape, layout: layout)
        primitive = try DNNLLRN(
            shape, layout: layout, size: rule.size, alpha: rule.alpha, beta: rule.beta, k: rule.k,
            trains: propagateDown[0])
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        guard let primitive else { return try super.forward(bottom: bottom, top: top) }
        try primitive.forward(source: bottom[0], destination: top[0])
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) throws {
        guard let primitive else {
            return try super.backward(top: top, propagateDown: propagateDown, bottom: bottom)
        }
        if propagateDown[0] { try primitive.backward(destination: top[0], source: bottom[0]) }
    }
}
