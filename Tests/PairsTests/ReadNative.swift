import Pairs
import Tensors

/// A picture at its own size, C × H × W as Caffe has it.
func readNative(_ path: String, isColor: Bool = true) throws -> [Float] {
    let column = ImageColumn(list: 0, size: nil, isColor: isColor, transform: ImageTransform(layer: "data"))
    let geometry = try column.geometry(first: ImageDecoder().size(of: path))
    let sample = Blob(geometry.sample)
    try sample.withMutableData { span throws(ImageError) in
        try ImageReader(column, geometry, search: PathSearch()).read(path, position: 0, into: &span)
    }
    return sample.dataArray
}
