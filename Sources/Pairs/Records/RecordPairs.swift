package import Tensors

/// Pairs out of databases of Caffe's kind, each a column for one Data layer; record i of each belongs to pair i.
///
/// Caffe's convention for pairs is one database with the channels of both images stacked, which a Slice layer separates.
package struct RecordPairs: PairSource {
    /// What a Data layer asks for.
    package struct Column: Sendable {
        package let file: RecordFile
        package let transform: ImageTransform
        /// For records that are image files: three channels B, G, R, or grey; nil for what the first record has.
        package let isColor: Bool?

        package init(_ file: RecordFile, transform: ImageTransform, isColor: Bool? = nil) {
            self.file = file
            self.transform = transform
            self.isColor = isColor
        }
    }

    private let columns: [Column]
    /// C × H × W of each column's records, before the transform.
    private let pictures: [Shape]
    package let sampleShapes: [Shape]

    /// Looks at the first record of each column; throws `RecordError`, `LoadError` or `ImageTransform.Mismatch`.
    package init(_ columns: [Column]) throws {
        precondition(!columns.isEmpty, "a phase without a database")
        for column in columns.dropFirst() where column.file.count != columns[0].file.count {
            throw RecordError(
                path: column.file.path,
                problem: "it has \(column.file.count) records where \(columns[0].file.path) has "
                    + "\(columns[0].file.count); record i of each is pair i, so there must be as many")
        }
        self.columns = columns
        pictures = try columns.map { column in
            do {
                return try RecordReader.shape(ofFirstIn: column)
            } catch let error as ImageError {
                throw LoadError(place: column.file.path, image: error, position: 0)
            }
        }
        sampleShapes = try zip(columns, pictures).map { try $0.transform.outputShape(for: $1) }
    }

    package var files: [String] { columns.map(\.file.path) }
    package var count: Int { columns[0].file.count }
    package var labels: [Float]? { nil }
    package func missingImages(limit: Int) -> [PairList.MissingImage] { [] }
    package func makeReader() -> any PairReader { Reader(zip(columns, pictures).map(RecordReader.init)) }
    package func names(of index: Int) -> [String] { columns.map { "\($0.file.path): \($0.file.name(index))" } }

    package var fingerprint: UInt64 {
        columns.reduce(into: Fingerprint()) { $0.add($1.file.fingerprint) }.value
    }

    private final class Reader: PairReader {
        private let columns: [RecordReader]

        init(_ columns: [RecordReader]) { self.columns = columns }

        func read(
            _ index: Int, column: Int, position: Int, into target: inout MutableSpan<Float>
        ) throws(LoadError) -> Float {
            let reader = columns[column]
            do throws(ImageError) {
                let label = try reader.read(index, position: position, into: &target)
                if column > 0 { try checkLabel(label, of: index, in: reader.file) }
                return Float(label)
            } catch {
                throw LoadError(place: reader.file.path, image: error, position: position)
            }
        }

        /// All records of a pair have one label.
        private func checkLabel(_ label: Int, of index: Int, in file: RecordFile) throws(ImageError) {
            let first = columns[0].file
            let expected = try first.datum(index).label
            guard label == expected else {
                throw .badRecord(
                    file.name(index),
                    problem: "its label is \(label), but in \(first.path) that pair has \(expected)")
            }
        }
    }
}

/// One thread's way from the records of a column to floats.
final class RecordReader {
    let file: RecordFile
    private let shape: Shape
    private let decoder = ImageDecoder()
    private var picture = Picture()
    private let writer: SampleWriter

    /// - Parameter shape: C × H × W of the first record.
    init(_ column: RecordPairs.Column, _ shape: Shape) {
        file = column.file
        self.shape = shape
        writer = SampleWriter(column.transform, height: shape[1], width: shape[2])
    }

    /// C × H × W of a column's first record, before the transform.
    static func shape(ofFirstIn column: RecordPairs.Column) throws(ImageError) -> Shape {
        let datum = try column.file.datum(0)
        guard datum.isEncoded else { return [datum.channels, datum.height, datum.width] }
        let header = try unsafe ImageDecoder().header(
            of: UnsafeBufferPointer(rebasing: column.file.bytes(0)[datum.data]), name: column.file.name(0))
        return [column.isColor ?? header.isColor ? 3 : 1, header.size.height, header.size.width]
    }

    /// Reads a record as the sample at a global position; returns its label.
    func read(_ index: Int, position: Int, into target: inout MutableSpan<Float>) throws(ImageError) -> Int {
        let datum = try file.datum(index)
        let data = unsafe UnsafeBufferPointer(rebasing: file.bytes(index)[datum.data])
        if datum.isEncoded {
            try unsafe decoder.decode(data, name: file.name(index), isColor: shape[0] == 3, into: &picture)
            try accept([picture.channels, picture.height, picture.width], of: index)
            writer.keepSize(picture.dimensions)
            writer.write(picture, position: position, into: &target)
        } else {
            let found: Shape = [datum.channels, datum.height, datum.width]
            try accept(found, of: index)
            guard data.count == found.count else {
                let floats = datum.hasFloats ? " (it has float_data, which is not read here)" : ""
                throw .badRecord(
                    file.name(index), problem: "it has \(data.count) bytes of pixels for the shape \(found)\(floats)")
            }
            unsafe writer.write(
                planes: Span(_unsafeElements: data), channels: found[0], height: found[1], width: found[2],
                position: position, into: &target)
        }
        return datum.label
    }

    /// All records have the first one's shape, or are cropped to one size.
    private func accept(_ found: Shape, of index: Int) throws(ImageError) {
        if found == shape { return }
        let crop = writer.transform.cropSize
        if crop > 0, found[0] == shape[0], found[1] >= crop, found[2] >= crop, !writer.transform.hasMeanImage { return }
        throw .badRecord(
            file.name(index),
            problem: "its shape is \(found) where the first record's is \(shape) (channels×height×width)")
    }
}
