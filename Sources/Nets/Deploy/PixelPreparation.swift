package import CaffeProto
package import Tensors

/// How an image becomes a tower's input: what a program that runs the tower elsewhere has to do.
///
/// Read from the tower's data layer, as `ImageTransform` does it in the phase TEST.
package struct PixelPreparation {
    private let input: String
    private let image: Shape
    private let layer: LayerParameter
    private let firstChannel: Int

    /// - Parameters:
    ///   - layer: the tower's data layer.
    ///   - input: the blob of its images.
    ///   - image: C × H × W of its input.
    ///   - firstChannel: where the images begin among the channels of the layer's records.
    package init(_ layer: LayerParameter, input: String, image: Shape, firstChannel: Int = 0) {
        self.input = input
        self.image = image
        self.layer = layer
        self.firstChannel = firstChannel
    }

    private var transform: TransformationParameter { layer.transformParam }

    /// Height × width before the crop; nil where images stay as large as they are.
    private var size: String? {
        let parameter = layer.imageDataParam
        guard layer.type == "ImageData", parameter.newHeight > 0 else { return nil }
        return "\(parameter.newHeight)x\(parameter.newWidth)"
    }

    private var channels: String {
        switch image[0] {
        case 1: "gray"
        case 3: "BGR"
        default: "\(image[0]) channels"
        }
    }

    /// One for all channels, or one for each.
    private var means: [Float] {
        let all = transform.meanValue
        return all.count > 1 ? Array(all.dropFirst(firstChannel).prefix(image[0])) : all
    }

    private var mean: String { means.map { "\($0)" }.joined(separator: ",") }

    /// A line a step, in the order in which they are taken.
    package var steps: [String] {
        var steps = [
            "\"\(input)\": N x \(image.dims.map(String.init).joined(separator: " x ")) float32, from pixels 0 to 255"
        ]
        if image[0] == 3 { steps.append("channels in the order blue, green, red") }
        if image[0] == 1 { steps.append("one channel, gray") }
        if let size { steps.append("resized bilinearly to height x width \(size)") }
        if transform.cropSize > 0 {
            steps.append("cropped to the \(transform.cropSize)x\(transform.cropSize) in the middle")
        }
        if !mean.isEmpty {
            steps.append("less the mean \(mean)" + (means.count > 1 ? " by channel" : ""))
        }
        if transform.hasMeanFile {
            let part = firstChannel > 0 ? " (of its channels those from number \(firstChannel) on)" : ""
            steps.append("less the mean image \(transform.meanFile)\(part), cropped alike")
        }
        if transform.scale != 1 { steps.append("times \(transform.scale)") }
        return steps
    }

    /// The same for programs: `NAME.channels`, `.size`, `.crop`, `.mean`, `.mean_file`, `.scale`, and all in a sentence.
    package var properties: [String: String] {
        var properties = [
            "channels": channels, "scale": "\(transform.scale)", "preparation": steps.joined(separator: "; "),
        ]
        if let size { properties["size"] = size }
        if transform.cropSize > 0 { properties["crop"] = "\(transform.cropSize)x\(transform.cropSize)" }
        if !mean.isEmpty { properties["mean"] = mean }
        if transform.hasMeanFile { properties["mean_file"] = transform.meanFile }
        return Dictionary(uniqueKeysWithValues: properties.map { ("\(input).\($0.key)", $0.value) })
    }
}
