package import Comm
import Nets
package import Pairs

/// Compares both images of each pair of two lists by a trained net, on all ranks, each pair exactly once.
///
/// What `evaluate`, `calibrate` and mining look at.
package final class PairPass {
    /// What a comparison gives.
    package enum Score: String, Codable, Sendable {
        /// Euclidean, of the two embeddings: the less, the more alike.
        case distance
        /// That the pair matches.
        case probability
    }

    /// Some pairs one after the other; empty on other ranks than zero.
    package struct Batch {
        /// Their places in the lists.
        package let indices: [Int]
        package let scores: [Float]
        package let labels: [Float]
        /// The embeddings of each tower, pair after pair; empty for a head that has none.
        package let a: [Float]
        package let b: [Float]
        /// How many pairs the pass has seen with these.
        package let seen: Int
    }

    package let score: Score
    /// The number of values of an embedding; 0 for a head that compares none.
    package let embeddingLength: Int
    private let pass: ListPass
    private let communicator: any Communicator
    private let readsLabels: Bool

    package var source: any PairSource { pass.source }
    package var count: Int { pass.count }
    /// How many pairs were left out so far, since an image can't be read; on rank zero.
    package var leftOut: Int { pass.leftOut }

    /// Collective.
    ///
    /// - Parameters:
    ///   - lists: the two lists, or databases, or one database of pairs; empty for those of the net's TEST phase.
    package init(
        _ trained: TrainedNet, lists: [String], options: RunOptions, communicator: any Communicator, log: TrainingLog
    ) throws {
        let (deploy, request) = try communicator.together {
            let (phase, deploy) = try trained.deployed(communicator.isRankZero ? log : nil)
            let request = ListPass.Request(
                try phase.reading(lists, by: deploy.pair(a: .lists, b: .lists)),
                blobs: deploy.ends + (deploy.label.map { [$0] } ?? []), trained: trained, options: options)
            return (deploy, request)
        }
        pass = try ListPass(request, communicator: communicator, log: log)
        self.communicator = communicator
        readsLabels = deploy.label != nil
        switch deploy.head {
        case .distance:
            score = .distance
            embeddingLength = pass.lengths[0]
        case .probability(let blob):
            score = .probability
            embeddingLength = 0
            try communicator.together { try Self.checkClasses(pass.lengths[0], of: blob) }
        }
    }

    static func checkClasses(_ count: Int, of blob: String) throws {
        guard (1...2).contains(count) else {
            throw NetError(
                "the head has \(count) classes (blob \"\(blob)\"), and a pair is of one of two: 0 different, 1 similar; "
                    + "set its num_output to 2")
        }
    }

    /// Compares all pairs; collective.
    ///
    /// - Parameter take: gets the pairs in order, on every rank.
    package func run(_ take: (Batch) throws -> Void) throws {
        try pass.run { batch in
            let labels: [Float] =
                if let known = source.labels {
                    batch.indices.map { known[$0] }
                } else {
                    readsLabels ? batch.rows[batch.rows.count - 1] : []
                }
            var (scores, a, b): ([Float], [Float], [Float]) = ([], [], [])
            switch score {
            case .distance:
                (a, b) = (batch.rows[0], batch.rows[1])
                scores = Self.distances(a, b, length: embeddingLength)
            case .probability:
                let classes = pass.lengths[0]
                scores = batch.indices.indices.map { batch.rows[0][($0 + 1) * classes - 1] }
            }
            try take(Batch(indices: batch.indices, scores: scores, labels: labels, a: a, b: b, seen: batch.seen))
        }
    }

    /// ‖a − b‖₂ of rows of one length, as the losses compute it.
    package static func distances(_ a: [Float], _ b: [Float], length: Int) -> [Float] {
        (0..<a.count / length).map { PairDistances.distance(a.span, b.span, row: $0, length: length) }
    }
}
