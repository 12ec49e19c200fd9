import CaffeProto
package import Tensors

/// Pooling by oneDNN in the layout of its bottom, by the same rules as `PoolingLayer`, which takes over where oneDNN
/// has other rules: an AVE whose last window hangs over even the pad, and a second top.
package final class DNNLPoolingLayer: PoolingLayer {
    private var primitive: DNNLPooling?

    /// Whether its only top is the windows' maxima.
    var hasMaximaOnly: Bool { pooling.method == .max && definition.top.count == 1 }

    package override var readsBFloat16: Bool { true }

    package override func bottomLayouts(_ bottom: [Blob]) throws -> [Layout] {
        let geometry = try pooling.geometry(on: bottom[0], of: definition)
        if definition.top.count == 1 {
            primitive = try DNNLPooling(
                exactly: pooling.method, geometry, layout: bottom[0].layout, trains: propagateDown[0])
        }
        return [primitive == nil ? .plain : bottom[0].layout]
    }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        guard primitive != nil else { return try super.setUp(bottom: bottom, top: top) }
        try top[0].reshape(try pooling.geometry(on: bottom[0], of: definition).output, layout: bottom[0].layout)
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
