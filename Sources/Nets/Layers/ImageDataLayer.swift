import CaffeProto
package import Tensors

/// Pictures and labels from a list file, which the trainer's loader writes into the tops before each forward.
///
/// Tops: data (shard × C × H × W) and optionally label (shard), where shard is this rank's part of the global batch.
/// C is 3, or 1 with `is_color: false`; H and W are `crop_size`, else `new_height` and `new_width`, else those of the
/// list's first picture (`NetContext.sampleShapes`). Forward and backward do nothing.
/// Source: Caffe, src/caffe/layers/image_data_layer.cpp.
package final class ImageDataLayer: Layer {
    package override var bottomCount: ClosedRange<Int> { 0...0 }
    package override var topCount: ClosedRange<Int> { 1...2 }

    private var image: ImageDataParameter { definition.imageDataParam }
    private var transform: TransformationParameter { definition.transformParam }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        precondition(!context.shard.isEmpty, "a net with ImageData layers needs the global batch and a shard")
        let sample = try sampleShape()
        try top[0].reshape(Shape([context.shard.count] + sample.dims))
        if top.count > 1 { try top[1].reshape([context.shard.count]) }
    }

    /// C × H × W.
    private func sampleShape() throws -> Shape {
        let channels = image.isColor ? 3 : 1
        let (height, width, crop) = (Int(image.newHeight), Int(image.newWidth), Int(transform.cropSize))
        guard (height > 0) == (width > 0) else {
            throw fault("image_data_param needs both new_height and new_width or neither, found \(height) and \(width)")
        }
        if crop > 0 {
            guard height == 0 || crop <= min(height, width) else {
                throw fault("crop_size \(crop) is larger than the picture, new_height \(height) × new_width \(width)")
            }
            return [channels, crop, crop]
        }
        if height > 0 { return [channels, height, width] }
        if let shape = context.sampleShapes[name] { return shape }
        throw fault(
            "the size of its pictures is unknown; give image_data_param { new_height: … new_width: … } "
                + "or transform_param { crop_size: … }")
    }

    package override func forward(bottom: [Blob], top: [Blob]) {}
}
