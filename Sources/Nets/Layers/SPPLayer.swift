package import CaffeProto
package import Tensors

/// Spatial pyramid pooling: N × C × H × W → N × C · (1 + 4 + 16 + …), whatever H and W are.
///
/// Level l of `spp_param { pyramid_height }` pools MAX or AVE into 2ˡ × 2ˡ windows, whose kernel and stride are ⌈H / 2ˡ⌉
/// and which are padded evenly; each level is flattened and they are joined. A height of 1 alone gives N × C × 1 × 1.
/// Backward: the sum over levels of what Pooling hands down.
/// Source: He, Zhang, Ren, Sun, ECCV 2014; Caffe, src/caffe/layers/spp_layer.cpp.
package final class SPPLayer: Layer {
    /// One level of the pyramid.
    private struct Level {
        let planes: PoolingPlanes
        let pooled: Blob
        /// MAX: where each window's maximum lies.
        let winners: Blob?
    }

    private var levels: [Level] = []
    private var parts = AxisParts(of: [0], axis: 0, lengths: [])
    /// What a level hands down.
    private var share = Blob()

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        let parameter = definition.sppParam
        guard 1...16 ~= parameter.pyramidHeight else {
            throw definition.fault(
                "has pyramid_height \(parameter.pyramidHeight); spp_param { pyramid_height } must be 1 or more")
        }
        guard parameter.pool != .stochastic else {
            throw definition.fault("has pool STOCHASTIC, which this program does not have; use MAX or AVE")
        }
        try super.init(definition, context: context)
    }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let shape = bottom[0].shape
        guard shape.axes == 4 else {
            throw fault("needs a bottom of N × C × H × W, but \"\(bottom[0].name)\" is \(shape)")
        }
        let height = Int(definition.sppParam.pyramidHeight)
        levels = try (0..<height).map { try level(1 << $0, of: bottom[0]) }
        let lengths = levels.map { $0.pooled.shape.count(from: 1) }
        let whole: Shape = [shape[0], lengths.reduce(0, +)]
        parts = AxisParts(of: whole, axis: 1, lengths: lengths)
        try top[0].reshape(height == 1 ? levels[0].pooled.shape : whole)
        if propagateDown[0] {
            share = Blob(name: "\(name) share", shape)
            for blob in levels.map(\.pooled) + [share] { blob.allocateDiff() }
        }
    }

    private func level(_ bins: Int, of bottom: Blob) throws -> Level {
        let shape = bottom.shape
        let kernel = Extent(height: (shape[2] + bins - 1) / bins, width: (shape[3] + bins - 1) / bins)
        let pad = Extent(
            height: (kernel.height * bins - shape[2] + 1) / 2, width: (kernel.width * bins - shape[3] + 1) / 2)
        guard pad.height < kernel.height, pad.width < kernel.width else {
            throw fault(
                "can't cut \"\(bottom.name)\" (\(shape)) into \(bins)×\(bins) windows; use a lower pyramid_height or "
                    + "larger images")
        }
        let geometry = PoolingGeometry(input: shape, kernel: kernel, stride: kernel, pad: pad)
        let isMaximum = definition.sppParam.pool == .max
        return Level(
            planes: PoolingPlanes(geometry), pooled: Blob(name: "\(name) \(bins)", geometry.output),
            winners: isMaximum ? Blob(name: "\(name) winners \(bins)", geometry.output) : nil)
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        for (index, level) in levels.enumerated() {
            if let winners = level.winners {
                level.planes.forwardMaximum(bottom[0], to: level.pooled, winners: winners)
            } else {
                level.planes.forwardAverage(bottom[0], to: level.pooled)
            }
            level.pooled.withData { part in
                top[0].withMutableData { y in parts.join(part, index, into: &y) }
            }
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {
        guard propagateDown[0] else { return }
        for (index, level) in levels.enumerated() {
            level.pooled.withMutableDiff { part in
                top[0].withDiff { dy in parts.take(index, of: dy, into: &part) }
            }
            if let winners = level.winners {
                level.planes.backwardMaximum(level.pooled, winners: winners, to: share)
            } else {
                level.planes.backwardAverage(level.pooled, to: share)
            }
            share.withDiff { part in
                bottom[0].withMutableDiff { dx in
                    for i in dx.indices { dx[i] = index == 0 ? part[i] : dx[i] + part[i] }
                }
            }
        }
    }
}
