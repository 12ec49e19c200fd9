package import Tensors

/// Some columns of a source: the images of one tower, on a rank that carries no other.
///
/// Pairs, labels and order stay.
package struct ColumnPairs: PairSource {
    private let whole: any PairSource
    private let columns: [Int]

    package init(_ whole: any PairSource, columns: [Int]) {
        precondition(columns.allSatisfy(whole.sampleShapes.indices.contains), "columns \(columns)")
        self.whole = whole
        self.columns = columns
    }

    package var files: [String] { whole.files }
    package var count: Int { whole.count }
    package var fingerprint: UInt64 { whole.fingerprint }
    package var labels: [Float]? { whole.labels }
    package var sampleShapes: [Shape] { columns.map { whole.sampleShapes[$0] } }
    package func missingImages(limit: Int) -> [PairList.MissingImage] { whole.missingImages(limit: limit) }
    package func makeReader() -> any PairReader { Reader(whole.makeReader(), columns) }
    /// Of the whole pair: one tower's part alone says little.
    package func names(of index: Int) -> [String] { whole.names(of: index) }

    private final class Reader: PairReader {
        private let whole: any PairReader
        private let columns: [Int]

        init(_ whole: any PairReader, _ columns: [Int]) {
            self.whole = whole
            self.columns = columns
        }

        func read(
            _ index: Int, column: Int, position: Int, into target: inout MutableSpan<Float>
        ) throws(LoadError) -> Float {
            try whole.read(index, column: columns[column], position: position, into: &target)
        }
    }
}
