import CaffeProto
package import Tensors

/// Pictures and labels from a database of Caffe's kind, which the trainer's loader writes into the tops before each
/// forward.
///
/// Tops: data (shard × C × H × W) and optionally label (shard), where shard is this rank's part of the global batch.
/// C × H × W is what the first record has (`NetContext.sampleShapes`), H and W are `crop_size` if that is given; for
/// pairs, C counts the channels of both images, which a Slice layer separates. Forward and backward do nothing.
/// Source: Caffe, src/caffe/layers/data_layer.cpp.
package final class DataLayer: Layer {
    package override var bottomCount: ClosedRange<Int> { 0...0 }
    package override var topCount: ClosedRange<Int> { 1...2 }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        precondition(!context.shard.isEmpty, "a net with Data layers needs the global batch and a shard")
        guard let sample = context.sampleShapes[name] else {
            throw fault("the shape of its records is unknown, since its database was not opened")
        }
        try top[0].reshape(Shape([context.shard.count] + sample.dims))
        if top.count > 1 { try top[1].reshape([context.shard.count]) }
    }

    package override func forward(bottom: [Blob], top: [Blob]) {}
}
