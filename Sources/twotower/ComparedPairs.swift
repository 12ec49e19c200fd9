import Comm
import Pairs
import Training
import Verification

/// The pairs of two lists with their distances, each once; on other ranks than zero the table is empty.
struct ComparedPairs {
    let score: PairPass.Score
    /// The files that the pairs come from.
    let files: [String]
    /// How many pairs were left out, since an image can't be read.
    let leftOut: Int
    private let source: any PairSource
    private let pairs: JudgedPairs

    var table: DistanceTable { pairs.table }
    var identities: PairIdentities? { pairs.identities }

    /// Compares all pairs; collective.
    ///
    /// - Parameter identities: a file with whose images they are of.
    init(_ pass: PairPass, identities: String?, _ bar: ProgressBar, _ communicator: any Communicator) throws {
        pairs = try JudgedPairs(pass, identities: identities, bar, communicator)
        (source, files, score, leftOut) = (pass.source, pass.source.files, pass.score, pass.leftOut)
    }

    /// The number of a row's pair in the lists, from 0 on.
    func index(ofRow row: Int) -> Int { pairs.indices[row] }

    /// Where a row's pictures are.
    func names(ofRow row: Int) -> [String] { source.names(of: pairs.indices[row]) }

    func thumbnails(ofRow row: Int, by thumbnailer: Thumbnailer) -> [Thumbnail] {
        source.thumbnails(of: pairs.indices[row], by: thumbnailer)
    }

    /// The lists' names, for errors.
    var name: String { files.joined(separator: " and ") }

    /// Throws what is missing where there is no curve.
    func curve() throws -> ROCCurve {
        if let curve = ROCCurve(table) { return curve }
        if let index = table.rows.firstIndex(where: { !$0.distance.isFinite }) {
            let pair = names(ofRow: index).joined(separator: " and ")
            throw JudgedPairs.Unusable(
                description:
                    "\(pair): the distance of this pair is \(table.rows[index].distance); the net's training has "
                    + "diverged, or its weights are damaged")
        }
        throw JudgedPairs.Unusable(
            description:
                "\(name): \(table.matches) matching and \(table.nonMatches) non-matching pairs, and figures need "
                + "both kinds (labels: 0 different, 1 similar); for lists of matching pairs alone there is \"twotower search\""
        )
    }
}
