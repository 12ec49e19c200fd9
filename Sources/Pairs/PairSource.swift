package import Tensors

/// Where the samples of a phase come from: numbered pairs, each with something for every data layer, and a label.
package protocol PairSource: Sendable {
    /// The files that the data layers name.
    var files: [String] { get }
    /// How many pairs there are; at least one.
    var count: Int { get }
    /// A hash of the pairs in their order, the same on every machine.
    var fingerprint: UInt64 { get }
    /// The label of each pair; nil where finding out would mean to read everything.
    var labels: [Float]? { get }
    /// C × H × W of a sample for each data layer ("column").
    var sampleShapes: [Shape] { get }

    /// The first images that are named and not there; at most `limit`.
    func missingImages(limit: Int) -> [PairList.MissingImage]

    /// Where a pair's parts are and what they are called, a part a column: "train1.txt:17: images/a.jpg".
    func names(of index: Int) -> [String]

    /// What a column's sample of a pair is called: the path of an image, root folder included, or the key of a record.
    func name(of index: Int, column: Int) -> String

    /// Small pictures of a pair's images for people to look at, a column after the other; where a record has the
    /// channels of both images, one after the other.
    func thumbnails(of index: Int, by thumbnailer: Thumbnailer) -> [Thumbnail]

    /// Makes what one thread reads with.
    func makeReader() -> any PairReader
}

extension PairSource {
    /// Each label value and how many pairs have it, in ascending order; nil where labels are not known.
    package var labelCounts: [(label: Float, count: Int)]? {
        labels.map { labels in
            Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
                .map { (label: $0.key, count: $0.value) }
        }
    }
}

/// One thread's way from a pair to floats; keeps its memory from pair to pair.
package protocol PairReader: AnyObject {
    /// Writes what a column gets of a pair.
    ///
    /// - Parameters:
    ///   - index: which pair, below the source's `count`.
    ///   - position: the global position of the sample, from which crops and mirrors are drawn.
    ///   - target: as many floats as the column's shape has.
    /// - Returns: the pair's label.
    func read(
        _ index: Int, column: Int, position: Int, into target: inout MutableSpan<Float>
    ) throws(LoadError) -> Float

    /// What is wrong with a column's image of a pair, if anything; reads and decodes it.
    func fault(of index: Int, column: Int, position: Int) -> LoadError?

    /// What is wrong with the images of a pair: of all columns, those that the source leaves out among them.
    func faults(of index: Int, position: Int) -> [LoadError]
}
