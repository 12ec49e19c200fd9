import Comm
import Tensors

/// What a rank tells rank zero of itself, some times a second.
package struct RankReport: Equatable, Sendable {
    var rank: Int
    /// nil before the first and where nothing is trained.
    var iteration: Int?
    /// Grows as long as the rank gets on.
    var progress: Int
    /// How many collectives it has come to.
    var collectives: Int
    /// Whether it is in one, and so waits for others.
    var waits: Bool
    /// "forward of conv2", or the collective that it is in.
    var activity: String

    package init(
        rank: Int, iteration: Int?, progress: Int, collectives: Int = 0, waits: Bool = false, activity: String
    ) {
        self.rank = rank
        self.iteration = iteration
        self.progress = progress
        self.collectives = collectives
        self.waits = waits
        self.activity = activity
    }

    /// Of this process.
    static func now(rank: Int) -> RankReport {
        let waiting = Waiting.state
        return RankReport(
            rank: rank, iteration: Activity.iteration, progress: Activity.progress + waiting.begun + waiting.done,
            collectives: waiting.begun, waits: waiting.place != nil, activity: waiting.place ?? Activity.description)
    }

    /// "forward of conv2 in iteration 12".
    var place: String { activity + (iteration.map { " in iteration \($0)" } ?? "") }
}

/// A message between a rank and rank zero; others' messages, and broken ones, are none.
package enum Heartbeat: Equatable {
    case report(RankReport)
    /// Rank zero has heard a rank.
    case heard
    /// Rank zero ends the job.
    case end

    /// - Parameter job: what only the ranks of this job know.
    package func text(job: String) -> String {
        switch self {
        case .report(let report):
            let numbers = [
                report.rank, report.iteration ?? -1, report.progress, report.collectives, report.waits ? 1 : 0,
            ]
            return "\(job) report \(numbers.map(String.init).joined(separator: " ")) \(report.activity)"
        case .heard: return "\(job) heard"
        case .end: return "\(job) end"
        }
    }

    package init?(_ text: String, job: String) {
        let words = text.split(separator: " ", maxSplits: 7, omittingEmptySubsequences: false)
        guard words.count >= 2, words[0] == job else { return nil }
        switch (words[1], words.count) {
        case ("heard", 2): self = .heard
        case ("end", 2): self = .end
        case ("report", 8):
            let numbers = words[2...6].compactMap { Int($0) }
            guard numbers.count == 5 else { return nil }
            self = .report(
                RankReport(
                    rank: numbers[0], iteration: numbers[1] < 0 ? nil : numbers[1], progress: numbers[2],
                    collectives: numbers[3], waits: numbers[4] == 1, activity: String(words[7])))
        default: return nil
        }
    }
}
