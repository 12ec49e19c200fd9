package import CaffeProto
package import Tensors

/// Local response normalisation: y = x · s^−β with s = k + α/m · Σ x², over the m neighbours of x.
///
/// `norm_region: ACROSS_CHANNELS`: the neighbours are the `local_size` n channels around x's own (m = n);
/// `WITHIN_CHANNEL`: the n × n cells around it in its own channel (m = n²), and k is 1. What lies outside counts as 0.
/// Bottom and top are N × C × H × W. Backward: dx = dy · s^−β − 2αβ/m · x · Σ dy·y/s, over the same neighbours.
/// Source: Caffe, src/caffe/layers/lrn_layer.cpp; Krizhevsky, Sutskever, Hinton, NIPS 2012.
package class LRNLayer: Layer {
    /// The parameters, checked.
    struct Rule {
        let isAcrossChannels: Bool
        let size: Int
        let alpha: Float
        let beta: Float
        let k: Float

        init(_ definition: LayerParameter) throws {
            let parameter = definition.lrnParam
            isAcrossChannels = parameter.normRegion == .acrossChannels
            guard !parameter.localSize.isMultiple(of: 2), parameter.localSize <= UInt32(Int32.max) else {
                throw definition.fault(
                    "has local_size \(parameter.localSize), which must be odd and at most \(Int32.max)")
            }
            size = Int(parameter.localSize)
            alpha = parameter.alpha
            beta = parameter.beta
            k = isAcrossChannels ? parameter.k : 1
        }

        /// What a neighbour's square counts: α/m.
        var weight: Float { alpha / Float(isAcrossChannels ? size : size * size) }
    }

    let rule: Rule
    /// s of each value, from forward for backward.
    private var scale = Blob()
    /// dy·y/s, for backward.
    private var shares = Blob()

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        rule = try Rule(definition)
        try super.init(definition, context: context)
    }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        try checkImages(bottom[0])
        try top[0].reshape(bottom[0].shape)
        scale = Blob(name: "\(name) scale", bottom[0].shape)
        if propagateDown[0] { shares = Blob(name: "\(name) shares", bottom[0].shape) }
    }

    /// Refuses a bottom that is no batch of images.
    final func checkImages(_ bottom: Blob) throws {
        guard bottom.shape.axes == 4 else {
            throw fault("needs a bottom of N × C × H × W, but \"\(bottom.name)\" is \(bottom.shape)")
        }
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        let work = LRNSample(rule, bottom[0].shape)
        nonisolated(unsafe) let (bottom, top, scale) = (bottom[0], top[0], scale)
        work.each { sample in
            unsafe bottom.withData { x in
                unsafe top.withMutableData { y in
                    unsafe scale.withMutableData { s in
                        var y = y._mutatingExtracting(sample)
                        var s = s._mutatingExtracting(sample)
                        work.forward(x.extracting(sample), &y, scale: &s)
                    }
                }
            }
        }
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) throws {
        guard propagateDown[0] else { return }
        let work = LRNSample(rule, bottom[0].shape)
        nonisolated(unsafe) let (bottom, top, scale, shares) = (bottom[0], top[0], scale, shares)
        work.each { sample in
            unsafe top.withDiff { dy in
                unsafe scale.withData { s in
                    let (dy, s) = (dy.extracting(sample), s.extracting(sample))
                    unsafe shares.withMutableData { share in
                        var share = share._mutatingExtracting(sample)
                        unsafe top.withData { y in work.share(dy, y.extracting(sample), s, &share) }
                        unsafe bottom.withMutableDiff { dx in
                            var dx = dx._mutatingExtracting(sample)
                            unsafe bottom.withData { x in
                                work.backward(dy, x.extracting(sample), s, share.span, &dx)
                            }
                        }
                    }
                }
            }
        }
    }
}
