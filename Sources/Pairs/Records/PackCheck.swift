/// Reads a whole database back.
package struct PackCheck: CustomStringConvertible {
    private let count: Int
    private let shape: String
    private let labels: [(label: Int, count: Int)]
    private let unchecked: Int

    /// - Parameters:
    ///   - threads: how many read, at least one.
    ///   - pixelLimit: images of more pixels are refused.
    ///   - progress: told how many records have been read, of how many.
    /// - Throws: `RecordError`, or `LoadError` for the first record that is not as it was written.
    package init(
        _ path: String, threads: Int, pixelLimit: Int = ImageDecoder.defaultPixelLimit,
        progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws {
        let file = try RecordFile(path)
        var options = DecodingOptions()
        options.pixelLimit = pixelLimit
        let pairs = try RecordPairs([.init(file, transform: ImageTransform(layer: path))], options: options)
        shape = "\(pairs.sampleShapes[0])"
        var counts: [Int: Int] = [:]
        var unchecked = 0
        for start in stride(from: 0, to: file.count, by: 1024) {
            let batch = start..<min(start + 1024, file.count)
            let found = try inParallel(batch, threads: threads) {
                ImageDecoder(pixelLimit: pixelLimit)
            } _: { decoder, index throws(LoadError) in
                do throws(ImageError) {
                    return try Self.check(index, of: file, decoder)
                } catch {
                    throw LoadError(place: path, image: error, position: index)
                }
            }
            for record in found {
                counts[record.label, default: 0] += 1
                if !record.hasChecksum { unchecked += 1 }
            }
            progress(batch.upperBound, file.count)
        }
        count = file.count
        labels = counts.sorted { $0.key < $1.key }.map { (label: $0.key, count: $0.value) }
        self.unchecked = unchecked
    }

    private static func check(
        _ index: Int, of file: RecordFile, _ decoder: ImageDecoder
    ) throws(ImageError) -> (label: Int, hasChecksum: Bool) {
        let datum = try file.datum(index)
        let record = unsafe file.bytes(index)
        let isIntact = unsafe datum.isIntact(in: Span(_unsafeElements: record))
        guard isIntact != false else {
            throw .badRecord(file.name(index), problem: "its checksum does not match: it is damaged; pack it anew")
        }
        if !datum.isEncoded {
            _ = try RecordReader.rawShape(of: datum, index, in: file)
        } else {
            var picture = Picture()
            let data = unsafe UnsafeBufferPointer(rebasing: record[datum.data])
            try unsafe decoder.decode(data, name: file.name(index), isColor: true, into: &picture)
        }
        return (datum.label, isIntact == true)
    }

    package var description: String {
        let kinds = labels.map { "label \($0.label): \($0.count)" }.joined(separator: ", ")
        let sums =
            unchecked == 0
            ? "every checksum is right"
            : unchecked == count ? "the records have no checksums" : "\(unchecked) records have no checksum"
        return "\(count) records of \(shape) (\(kinds)); \(sums)"
    }
}
