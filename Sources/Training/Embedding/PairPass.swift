package import Comm
package import Nets
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
        /// The place of the first in the lists.
        package let first: Int
        package let scores: [Float]
        package let labels: [Float]
        /// The embeddings of each tower, pair after pair; empty for a head that has none.
        package let a: [Float]
        package let b: [Float]
    }

    package let score: Score
    /// The number of values of an embedding; 0 for a head that compares none.
    package let embeddingLength: Int
    private let pass: ListPass
    private let communicator: any Communicator
    private let readsLabels: Bool

    package var source: any PairSource { pass.source }
    package var count: Int { pass.count }

    /// Collective.
    ///
    /// - Parameters:
    ///   - lists: the two lists, or databases; empty for those of the net's TEST phase.
    ///   - weights: caffemodels, by layer name.
    package init(
        model: String, lists: [String], weights: [String], map: SuffixRule?, options: RunOptions,
        communicator: any Communicator, log: TrainingLog
    ) throws {
        let (deploy, request) = try communicator.together {
            let phase = try PhaseNet.load(model, phase: .test)
            for note in phase.notes where communicator.isRankZero { log.warn(note) }
            let deploy = try phase.deployed()
            let request = ListPass.Request(
                phase.reading(lists, by: deploy.pair(a: .lists, b: .lists)),
                blobs: deploy.ends + (deploy.label.map { [$0] } ?? []), weights: weights, map: map, options: options)
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
            guard communicator.isRankZero else {
                return try take(Batch(first: batch.first, scores: [], labels: [], a: [], b: []))
            }
            let labels: [Float] =
                if let known = source.labels {
                    Array(known[batch.first..<batch.first + batch.count])
                } else {
                    readsLabels ? batch.rows[batch.rows.count - 1] : []
                }
            switch score {
            case .distance:
                let (a, b) = (batch.rows[0], batch.rows[1])
                let distances = Self.distances(a, b, length: embeddingLength)
                try take(Batch(first: batch.first, scores: distances, labels: labels, a: a, b: b))
            case .probability:
                let classes = pass.lengths[0]
                let values = batch.rows[0]
                let scores = (0..<batch.count).map { values[($0 + 1) * classes - 1] }
                try take(Batch(first: batch.first, scores: scores, labels: labels, a: [], b: []))
            }
        }
    }

    /// ‖a − b‖₂ of rows of one length, as the losses compute it.
    package static func distances(_ a: [Float], _ b: [Float], length: Int) -> [Float] {
        stride(from: 0, to: a.count, by: length).map { start in
            var squared: Float = 0
            for index in start..<start + length {
                let difference = a[index] - b[index]
                squared += difference * difference
            }
            return squared.squareRoot()
        }
    }
}
