package import Tensors

/// Pairs of image files that lists name, each list a column for one ImageData layer.
package struct ImagePairs: PairSource {
    package let list: PairList
    private let columns: [ImageColumn]
    private let geometries: [ImageColumn.Geometry]
    private let options: DecodingOptions

    /// Reads the first image's header where a column is not resized (the first that has one, where bad images are skipped).
    ///
    /// Throws `LoadError` for that image and `ImageTransform.Mismatch` for a transform that does not fit.
    package init(
        _ list: PairList, columns: [ImageColumn], options: DecodingOptions = DecodingOptions()
    ) throws {
        self.list = list
        self.columns = columns
        self.options = options
        geometries = try columns.map { column in
            try column.geometry(first: Self.firstSize(of: column, list, options))
        }
    }

    package var files: [String] { list.sources.map(\.file) }
    package var count: Int { list.count }
    package var fingerprint: UInt64 { list.fingerprint }
    package var labels: [Float]? { list.isLabelled ? list.labels : nil }
    package var sampleShapes: [Shape] { geometries.map(\.sample) }
    package func missingImages(limit: Int) -> [PairList.MissingImage] { list.missingImages(limit: limit) }
    package func makeReader() -> any PairReader { Reader(self) }

    package func names(of index: Int) -> [String] {
        columns.map { "\(list.place(column: $0.list, index: index)): \(list.path(column: $0.list, index: index))" }
    }

    package func name(of index: Int, column: Int) -> String { list.path(column: columns[column].list, index: index) }

    package func thumbnails(of index: Int, by thumbnailer: Thumbnailer) -> [Thumbnail] {
        columns.map { thumbnailer.thumbnail(of: list.path(column: $0.list, index: index), search: list.search) }
    }

    private static func firstSize(
        of column: ImageColumn, _ list: PairList, _ options: DecodingOptions
    ) throws(LoadError) -> ImageError.Size {
        let decoder = ImageDecoder(search: list.search, pixelLimit: options.pixelLimit)
        return try firstUsable(of: list.count, options.badImages) { index throws(LoadError) in
            do throws(ImageError) {
                return try decoder.size(of: list.path(column: column.list, index: index))
            } catch {
                throw LoadError(place: list.place(column: column.list, index: index), image: error, position: 0)
            }
        }
    }

    private final class Reader: PairReader {
        private let list: PairList
        private let columns: [(list: Int, reader: ImageReader)]

        init(_ pairs: ImagePairs) {
            list = pairs.list
            columns = zip(pairs.columns, pairs.geometries).map { column, geometry in
                let reader = ImageReader(column, geometry, search: pairs.list.search, options: pairs.options)
                return (column.list, reader)
            }
        }

        func read(
            _ index: Int, column: Int, position: Int, into target: inout MutableSpan<Float>
        ) throws(LoadError) -> Float {
            let (number, reader) = columns[column]
            do throws(ImageError) {
                try reader.read(list.path(column: number, index: index), position: position, into: &target)
            } catch {
                throw LoadError(place: list.place(column: number, index: index), image: error, position: position)
            }
            return list.labels[index]
        }

        func fault(of index: Int, column: Int, position: Int) -> LoadError? {
            let (number, reader) = columns[column]
            return reader.fault(list.path(column: number, index: index)).map {
                LoadError(place: list.place(column: number, index: index), image: $0, position: position)
            }
        }

        func faults(of index: Int, position: Int) -> [LoadError] {
            columns.indices.compactMap { fault(of: index, column: $0, position: position) }
        }
    }
}
