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
    private let pixelLimit: Int
    package let sampleShapes: [Shape]

    /// Looks at the first record of each column; throws `RecordError`, `LoadError` or `ImageTransform.Mismatch`.
    package init(_ columns: [Column], options: DecodingOptions = DecodingOptions()) throws {
        precondition(!columns.isEmpty, "a phase without a database")
        for column in columns.dropFirst() where column.file.count != columns[0].file.count {
            throw RecordError(
                path: column.file.path,
                problem: "it has \(column.file.count) records where \(columns[0].file.path) has "
                    + "\(columns[0].file.count); record i of each is pair i, so there must be as many")
        }
        self.columns = columns
        pixelLimit = options.pixelLimit
        let decoder = ImageDecoder(pixelLimit: options.pixelLimit)
        pictures = try columns.map { column in
            try firstUsable(of: column.file.count, options.badImages) { index throws(LoadError) in
                do throws(ImageError) {
                    return try RecordReader.shape(of: index, in: column, decoder)
                } catch {
                    throw LoadError(place: column.file.path, image: error, position: 0)
                }
            }
        }
        sampleShapes = try zip(columns, pictures).map { try $0.transform.outputShape(for: $1) }
    }

    package var files: [String] { columns.map(\.file.path) }
    package var count: Int { columns[0].file.count }
    package var labels: [Float]? { nil }
    package func missingImages(limit: Int) -> [PairList.MissingImage] { [] }
    package func makeReader() -> any PairReader {
        Reader(zip(columns, pictures).map { RecordReader($0, $1, pixelLimit: pixelLimit) })
    }
    package func names(of index: Int) -> [String] { columns.map { "\($0.file.path): \($0.file.name(index))" } }

    package func name(of index: Int, column: Int) -> String { columns[column].file.name(index) }

    package func thumbnails(of index: Int, by thumbnailer: Thumbnailer) -> [Thumbnail] {
        columns.flatMap { column in
            do throws(ImageError) {
                return try thumbnailer.pngs(of: index, in: column.file).map(Thumbnail.png)
            } catch {
                return [.missing("\(column.file.path): \(error)")]
            }
        }
    }

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

        func fault(of index: Int, column: Int, position: Int) -> LoadError? {
            let reader = columns[column]
            do throws(ImageError) {
                let label = try reader.check(index)
                if column > 0 { try checkLabel(label, of: index, in: reader.file) }
                return nil
            } catch {
                return LoadError(place: reader.file.path, image: error, position: position)
            }
        }

        func faults(of index: Int, position: Int) -> [LoadError] {
            columns.indices.compactMap { fault(of: index, column: $0, position: position) }
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
    private let decoder: ImageDecoder
    private var picture = Picture()
    private let writer: SampleWriter

    /// - Parameter shape: C × H × W of the first record.
    init(_ column: RecordPairs.Column, _ shape: Shape, pixelLimit: Int) {
        file = column.file
        self.shape = shape
        decoder = ImageDecoder(pixelLimit: pixelLimit)
        writer = SampleWriter(column.transform, height: shape[1], width: shape[2])
    }

    /// C × H × W of a record, before the transform.
    static func shape(
        of index: Int, in column: RecordPairs.Column, _ decoder: ImageDecoder
    ) throws(ImageError) -> Shape {
        let (file, datum) = (column.file, try column.file.datum(index))
        guard datum.isEncoded else { return try rawShape(of: datum, index, in: file) }
        let header = try unsafe decoder.header(
            of: UnsafeBufferPointer(rebasing: file.bytes(index)[datum.data]), name: file.name(index))
        return [column.isColor ?? header.isColor ? 3 : 1, header.size.height, header.size.width]
    }

    /// The shape that a record of raw pixels claims, if as many bytes are there.
    static func rawShape(
        of datum: Datum, _ index: Int, in file: RecordFile
    ) throws(ImageError) -> Shape {
        let dims = [datum.channels, datum.height, datum.width]
        let isPossible = dims.allSatisfy { $0 > 0 && $0 <= datum.data.count }
        // None is over 2³¹, so two of them cannot overflow.
        guard isPossible, dims[0] * dims[1] <= datum.data.count, dims.reduce(1, *) == datum.data.count else {
            let floats = datum.hasFloats ? " (it has float_data, which is not read here)" : ""
            let shape = dims.map(String.init).joined(separator: "×")
            throw .badRecord(
                file.name(index),
                problem: "it has \(datum.data.count) bytes of pixels for the shape \(shape)\(floats)")
        }
        return Shape(dims)
    }

    /// Reads a record as the sample at a global position; returns its label.
    func read(_ index: Int, position: Int, into target: inout MutableSpan<Float>) throws(ImageError) -> Int {
        let datum = try decode(index)
        if datum.isEncoded {
            writer.keepSize(picture.dimensions)
            writer.write(picture, position: position, into: &target)
        } else {
            let data = unsafe UnsafeBufferPointer(rebasing: file.bytes(index)[datum.data])
            unsafe writer.write(
                planes: Span(_unsafeElements: data), channels: datum.channels, height: datum.height,
                width: datum.width, position: position, into: &target)
        }
        return datum.label
    }

    /// Makes sure that a record can be read; returns its label.
    func check(_ index: Int) throws(ImageError) -> Int { try decode(index).label }

    /// A record of the right shape, whose image file, if it has one, is then in `picture`.
    private func decode(_ index: Int) throws(ImageError) -> Datum {
        let datum = try file.datum(index)
        if datum.isEncoded {
            let data = unsafe UnsafeBufferPointer(rebasing: file.bytes(index)[datum.data])
            try unsafe decoder.decode(data, name: file.name(index), isColor: shape[0] == 3, into: &picture)
            try accept([picture.channels, picture.height, picture.width], of: index)
        } else {
            try accept(try Self.rawShape(of: datum, index, in: file), of: index)
        }
        return datum
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
