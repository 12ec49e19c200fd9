/// The transformation fields that data layers had of their own before `transform_param`.
private protocol OldTransform {
    var scale: Float { get }
    var hasScale: Bool { get }
    mutating func clearScale()
    var meanFile: String { get }
    var hasMeanFile: Bool { get }
    mutating func clearMeanFile()
    var cropSize: UInt32 { get }
    var hasCropSize: Bool { get }
    mutating func clearCropSize()
    var mirror: Bool { get }
    var hasMirror: Bool { get }
    mutating func clearMirror()
}

extension DataParameter: OldTransform {}
extension ImageDataParameter: OldTransform {}
extension WindowDataParameter: OldTransform {}

extension OldTransform {
    var oldFields: [String] {
        [("scale", hasScale), ("mean_file", hasMeanFile), ("crop_size", hasCropSize), ("mirror", hasMirror)]
            .filter(\.1).map(\.0)
    }

    /// Moves what is set; what is not leaves `transform` alone.
    mutating func move(to transform: inout TransformationParameter) {
        if hasScale { transform.scale = scale }
        if hasMeanFile { transform.meanFile = meanFile }
        if hasCropSize { transform.cropSize = cropSize }
        if hasMirror { transform.mirror = mirror }
        clearScale()
        clearMeanFile()
        clearCropSize()
        clearMirror()
    }
}

extension Upgrade {
    /// For a layer that was an old one: its data layer's fields move into `transform_param`.
    static func moveTransforms(in layer: inout LayerParameter) {
        var transform = layer.transformParam
        switch layer.type {
        case "Data" where !layer.dataParam.oldFields.isEmpty: layer.dataParam.move(to: &transform)
        case "ImageData" where !layer.imageDataParam.oldFields.isEmpty: layer.imageDataParam.move(to: &transform)
        case "WindowData" where !layer.windowDataParam.oldFields.isEmpty: layer.windowDataParam.move(to: &transform)
        default: return
        }
        layer.transformParam = transform
    }

    /// In a `layer { }` Caffe ignores these fields without a word, and so do we, with one.
    static func noteIgnoredTransforms(_ net: NetParameter, _ notes: inout [String]) {
        for layer in net.layer {
            let (block, ignored) =
                switch layer.type {
                case "Data": ("data_param", layer.dataParam.oldFields)
                case "ImageData": ("image_data_param", layer.imageDataParam.oldFields)
                case "WindowData": ("window_data_param", layer.windowDataParam.oldFields)
                default: ("", [])
                }
            if !ignored.isEmpty {
                let fields = ignored.joined(separator: ", ")
                notes.append(
                    "layer \"\(layer.name)\": \(fields) in \(block) is ignored, as in Caffe; write it in transform_param"
                )
            }
        }
    }
}
