import Tensors

extension Thumbnailer {
    /// Small pictures of a record: one, or two of one that has the channels of a pair stacked.
    func pngs(of index: Int, in file: RecordFile) throws(ImageError) -> [[UInt8]] {
        let datum = try file.datum(index)
        let data = unsafe UnsafeBufferPointer(rebasing: file.bytes(index)[datum.data])
        if datum.isEncoded { return [try unsafe png(of: data, name: file.name(index))] }
        let shape = try RecordReader.rawShape(of: datum, index, in: file)
        let channels: Int
        switch shape[0] {
        case 1, 2: channels = 1
        case 3, 6: channels = 3
        default:
            throw .badRecord(
                file.name(index), problem: "pictures of \(shape[0]) channels can't be shown (1, 2, 3 and 6 can)")
        }
        let size = channels * shape[1] * shape[2]
        let planes = unsafe Span(_unsafeElements: data)
        var pictures: [[UInt8]] = []
        for start in stride(from: 0, to: planes.count, by: size) {
            pictures.append(
                png(
                    planes: planes.extracting(start..<start + size), channels: channels, height: shape[1],
                    width: shape[2]))
        }
        return pictures
    }
}
