package import Tensors

/// Some columns of a source: the images of one tower, on a rank that carries no other.
///
/// Pairs, labels and order stay.
package struct ColumnPairs: PairSource {
    private let whole: any PairSource
    private let columns: [Int]
    private let readsWholePairs: Bool

    /// - Parameter readsWholePairs: whether a pair can be read only if all its images can, those of other columns too:
    ///   so that ranks which carry different columns pass over the same pairs. The other images are then decoded too.
    package init(_ whole: any PairSource, columns: [Int], readsWholePairs: Bool = false) {
        precondition(columns.allSatisfy(whole.sampleShapes.indices.contains), "columns \(columns)")
        self.whole = whole
        self.columns = columns
        self.readsWholePairs = readsWholePairs
    }

    package var files: [String] { whole.files }
    package var count: Int { whole.count }
    package var fingerprint: UInt64 { whole.fingerprint }
    package var labels: [Float]? { whole.labels }
    package var sampleShapes: [Shape] { columns.map { whole.sampleShapes[$0] } }
    package func missingImages(limit: Int) -> [PairList.MissingImage] { whole.missingImages(limit: limit) }
    package func makeReader() -> any PairReader { Reader(self) }
    /// Of the whole pair: one tower's part alone says little.
    package func names(of index: Int) -> [String] { whole.names(of: index) }
    /// Of the whole pair, too.
    package func thumbnails(of index: Int, by thumbnailer: Thumbnailer) -> [Thumbnail] {
        whole.thumbnails(of: index, by: thumbnailer)
    }

    package func name(of index: Int, column: Int) -> String { whole.name(of: index, column: columns[column]) }

    private final class Reader: PairReader {
        private let whole: any PairReader
        private let columns: [Int]
        /// Those that must be readable too.
        private let others: [Int]

        init(_ source: ColumnPairs) {
            whole = source.whole.makeReader()
            columns = source.columns
            others =
                source.readsWholePairs ? source.whole.sampleShapes.indices.filter { !source.columns.contains($0) } : []
        }

        func read(
            _ index: Int, column: Int, position: Int, into target: inout MutableSpan<Float>
        ) throws(LoadError) -> Float {
            let label = try whole.read(index, column: columns[column], position: position, into: &target)
            for other in others where column == 0 {
                if let fault = whole.fault(of: index, column: other, position: position) { throw fault }
            }
            return label
        }

        func fault(of index: Int, column: Int, position: Int) -> LoadError? {
            whole.fault(of: index, column: columns[column], position: position)
        }

        func faults(of index: Int, position: Int) -> [LoadError] { whole.faults(of: index, position: position) }
    }
}
