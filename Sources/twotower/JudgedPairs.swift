import Comm
import Training
import Verification

/// The pairs of a pass with their distances, each once, in the order of the lists; on other ranks than zero none.
struct JudgedPairs {
    private(set) var table = DistanceTable()
    /// Which pair of the lists each row is of: those with a bad image have none where these are skipped.
    private(set) var indices: [Int] = []
    /// Whose images they show, row by row, if that is known.
    private(set) var identities: PairIdentities?

    /// Lists of which nothing can be made.
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    /// Compares all pairs; collective.
    ///
    /// - Parameters:
    ///   - identities: a file with whose images the pairs of the lists are of.
    ///   - take: gets what else is wanted of each batch, on rank zero.
    init(
        _ pass: PairPass, identities: String?, _ bar: ProgressBar, _ communicator: any Communicator,
        _ take: (PairPass.Batch) throws -> Void = { _ in }
    ) throws {
        let known = try communicator.together {
            try identities.map { try PairIdentities(file: $0, pairs: pass.count) }
        }
        var bar = bar
        try pass.run { batch in
            guard communicator.isRankZero else { return }
            guard batch.labels.count == batch.scores.count else {
                throw Unusable(description: "the net reads no labels, so nothing says which pairs match")
            }
            indices += batch.indices
            for (score, label) in zip(batch.scores, batch.labels) {
                table.append(
                    .init(
                        distance: pass.score == .distance ? score : 1 - score, isMatch: label.rounded(.towardZero) != 0)
                )
            }
            try take(batch)
            bar.show(batch.seen, of: pass.count)
        }
        Console.showProgress("")
        self.identities = pass.leftOut == 0 ? known : known?.pairs(indices)
    }
}
