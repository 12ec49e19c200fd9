import CaffeProto
package import Tensors

/// Repeats a blob `tiles` times along `axis` (1 unless given).
///
/// Backward: dx = Σ dy over the repetitions. Source: Caffe, src/caffe/layers/tile_layer.cpp.
package final class TileLayer: Layer {
    private var rows = 1
    private var run = 1
    private var tiles = 1

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let shape = bottom[0].shape
        let axis = try axis(Int(definition.tileParam.axis), of: bottom[0])
        tiles = Int(definition.tileParam.tiles)
        guard tiles >= 1 else { throw fault("has tiles \(tiles); tile_param { tiles } must be 1 or more") }
        rows = shape.count(from: 0, to: axis)
        run = shape.count(from: axis)
        try top[0].reshape(shape.replacing(axis: axis, with: shape[axis] * tiles))
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        bottom[0].withData { x in
            top[0].withMutableData { y in
                for row in 0..<rows {
                    for tile in row * tiles..<(row + 1) * tiles {
                        for i in 0..<run { y[tile * run + i] = x[row * run + i] }
                    }
                }
            }
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        top[0].withDiff { dy in
            bottom[0].withMutableDiff { dx in
                for i in dx.indices { dx[i] = 0 }
                for row in 0..<rows {
                    for tile in row * tiles..<(row + 1) * tiles {
                        for i in 0..<run { dx[row * run + i] += dy[tile * run + i] }
                    }
                }
            }
        }
    }
}
