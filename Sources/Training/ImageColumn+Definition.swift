import CaffeProto
import Nets
import Pairs
import Tensors

extension ImageColumn {
    /// What an ImageData layer's definition asks of the `list`-th list of its phase.
    init(_ layer: LayerParameter, list: Int, of phase: PhaseNet, seed: UInt64) throws {
        let image = layer.imageDataParam
        let (height, width) = (Int(image.newHeight), Int(image.newWidth))
        guard (height > 0) == (width > 0) else {
            throw NetError(
                layer: "\(layer.name) (ImageData)",
                "give both new_height and new_width or neither, found \(height) and \(width)",
                place: phase.place(layer.name))
        }
        self.init(
            list: list, size: height > 0 ? .init(width: width, height: height) : nil, isColor: image.isColor,
            transform: try ImageTransform(layer, of: phase, seed: seed))
    }
}

extension RecordPairs.Column {
    /// What a Data layer's definition asks for: opens its database.
    init(_ layer: LayerParameter, of phase: PhaseNet, seed: UInt64) throws {
        let transform = layer.transformParam
        let forced =
            layer.dataParam.forceEncodedColor || transform.forceColor ? true : transform.forceGray ? false : nil
        self.init(
            try RecordFile(layer.dataParam.source, search: phase.search),
            transform: try ImageTransform(layer, of: phase, seed: seed), isColor: forced)
    }
}

extension ImageTransform {
    init(_ layer: LayerParameter, of phase: PhaseNet, seed: UInt64) throws {
        let transform = layer.transformParam
        guard transform.meanValue.isEmpty || !transform.hasMeanFile else {
            throw NetError(
                layer: "\(layer.name) (\(layer.type))", "mean_file and mean_value exclude each other; keep one",
                place: phase.place(layer.name))
        }
        var mean = Mean.none
        if transform.hasMeanFile {
            let blob = try BlobProto.read(file: phase.search.find(transform.meanFile) ?? transform.meanFile)
            if let dims = blob.impossibleDimensions {
                throw NetError(
                    layer: "\(layer.name) (\(layer.type))",
                    "its mean_file \(transform.meanFile) has the shape \(dims): the file is damaged",
                    place: phase.place(layer.name))
            }
            let dims = blob.dimensions
            mean = .image(blob.floats, shape: Shape(Array(dims.count == 4 ? dims.dropFirst() : dims[...])))
        } else if !transform.meanValue.isEmpty {
            mean = .values(transform.meanValue)
        }
        self.init(
            layer: layer.name, scale: transform.scale, mean: mean, cropSize: Int(transform.cropSize),
            cropsAtRandom: phase.phase == .train, mirrors: transform.mirror, seed: seed)
    }
}
