import Comm
import Pairs
import Training
import Verification

/// The pairs of two lists with their distances, each once; on other ranks than zero the table is empty.
struct ComparedPairs {
    let source: any PairSource
    let score: PairPass.Score
    let table: DistanceTable
    let identities: PairIdentities?

    /// Pairs of which no figures can be made.
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    /// Compares all pairs, with a progress bar; collective.
    ///
    /// - Parameter identities: a file with whose images they are of.
    init(_ pass: PairPass, identities: String?, communicator: any Communicator) throws {
        source = pass.source
        score = pass.score
        self.identities = try communicator.together {
            try identities.map { try PairIdentities(file: $0, pairs: pass.count) }
        }
        var bar = ProgressBar("pairs", isShown: communicator.isRankZero ? nil : false)
        var table = DistanceTable()
        try pass.run { batch in
            guard communicator.isRankZero else { return }
            guard batch.labels.count == batch.scores.count else {
                throw Unusable(description: "the net reads no labels, so nothing says which pairs match")
            }
            for (score, label) in zip(batch.scores, batch.labels) {
                table.append(
                    .init(
                        distance: pass.score == .distance ? score : 1 - score, isMatch: label.rounded(.towardZero) != 0)
                )
            }
            bar.show(batch.first + batch.scores.count, of: pass.count)
        }
        Console.showProgress("")
        self.table = table
    }

    /// The lists' names, for errors.
    var name: String { source.files.joined(separator: " and ") }

    /// Throws what is missing where there is no curve.
    func curve() throws -> ROCCurve {
        if let curve = ROCCurve(table) { return curve }
        if let index = table.rows.firstIndex(where: { !$0.distance.isFinite }) {
            let pair = source.names(of: index).joined(separator: " and ")
            throw Unusable(
                description:
                    "\(pair): the distance of this pair is \(table.rows[index].distance); the net's training has "
                    + "diverged, or its weights are damaged")
        }
        throw Unusable(
            description:
                "\(name): \(table.matches) matching and \(table.nonMatches) non-matching pairs, and figures need "
                + "both kinds (labels: 0 different, 1 similar); for lists of matching pairs alone there is \"twotower search\""
        )
    }
}
