/// Finds out on rank zero, from what all ranks report, whether the job gets on, and who is late if it doesn't.
///
/// The job gets on as long as any rank does. Times are in seconds, by the watchdog's clock.
package struct StallJudge {
    /// What to say, or to do.
    package enum Verdict: Equatable {
        case fine
        /// For a quarter of the timeout nothing has got on; told once.
        case late(String)
        /// It goes on again.
        case again(String)
        /// The timeout has passed.
        case over(String)
    }

    /// How a rank that is not heard of looks from outside.
    package enum Silence { case hostAnswers, hostIsSilent, unknown }

    let timeout: Double
    private let hosts: [String]
    private var latest: [RankReport?]
    private var heardAt: [Double]
    private var progressAt = 0.0
    private var hasWarned = false

    package init(timeout: Double, hosts: [String]) {
        self.timeout = timeout
        self.hosts = hosts
        latest = hosts.map { _ in nil }
        heardAt = hosts.map { _ in 0 }
    }

    /// How long nothing may get on before somebody is named.
    static func patience(_ timeout: Double) -> Double { timeout / 4 }

    package mutating func hear(_ report: RankReport, at time: Double) {
        guard latest.indices.contains(report.rank) else { return }
        // Datagrams may overtake each other.
        if report.progress > latest[report.rank]?.progress ?? -1 { progressAt = time }
        latest[report.rank] = report
        heardAt[report.rank] = time
    }

    /// Ranks that were not heard of for so long.
    func silent(at time: Double, for duration: Double) -> [Int] {
        heardAt.indices.filter { time - heardAt[$0] >= duration }
    }

    /// - Parameter silence: how each rank that `silent` names looks.
    package mutating func look(at time: Double, silence: (Int) -> Silence) -> Verdict {
        let stall = time - progressAt
        if stall >= timeout { return .over(sentence(at: time, silence)) }
        if hasWarned, stall < Self.patience(timeout) {
            hasWarned = false
            return .again("the job goes on again")
        }
        if !hasWarned, stall >= Self.patience(timeout) {
            hasWarned = true
            return .late(sentence(at: time, silence))
        }
        return .fine
    }

    // MARK: Words

    /// Who is late, and at what; who waits.
    private func sentence(at time: Double, _ silence: (Int) -> Silence) -> String {
        let begin = "nothing has got on for \(Int(time - progressAt)) s: "
        let silent = silent(at: time, for: Self.patience(timeout))
        let heard = latest.indices.filter { !silent.contains($0) }
        guard hosts.count > 1 else { return begin + (latest[0]?.place ?? "start") }
        let busy = heard.filter { latest[$0]?.waits == false }
        var parts = silent.map { about(silent: $0, silence($0)) }
        parts += busy.map { "\(name($0)) is at: \(latest[$0]?.place ?? "")" }
        let waiting = heard.filter { latest[$0]?.waits == true }
        if parts.isEmpty { return begin + amongWaiting(waiting) }
        if let first = waiting.first {
            let all = waiting.count == 1 ? "\(Self.list(waiting)) waits" : "\(Self.list(waiting)) wait"
            parts.append("\(all) for \(silent.count + busy.count == 1 ? "it" : "them") (\(latest[first]?.place ?? ""))")
        }
        return begin + parts.joined(separator: "; ")
    }

    private func about(silent rank: Int, _ silence: Silence) -> String {
        guard latest[rank] != nil else {
            return "nothing was ever heard of \(name(rank)) by UDP, so what it is at can't be told"
        }
        let reason =
            switch silence {
            case .hostAnswers: "its host answers, so the process is probably stopped, or the host overloaded"
            case .hostIsSilent: "its host does not answer, so it is probably off, or its network cut"
            case .unknown: "the process is stopped, its host off, or the network cut"
            }
        return "nothing is heard of \(name(rank)): \(reason)"
    }

    /// Where all wait for each other, those who have come to the fewest collectives are late.
    private func amongWaiting(_ ranks: [Int]) -> String {
        let counts = ranks.map { latest[$0]?.collectives ?? 0 }
        let fewest = counts.min() ?? 0
        let late = ranks.indices.filter { counts[$0] == fewest }.map { ranks[$0] }
        let place = late.first.flatMap { latest[$0]?.place } ?? "start"
        if late.count == ranks.count {
            return "all ranks are in one \(place), so the network between their hosts probably loses something"
        }
        let verb = late.count == 1 ? "is" : "are"
        return "\(late.map(name).joined(separator: ", ")) \(verb) still in \(place), which the others have left"
    }

    private func name(_ rank: Int) -> String { "rank \(rank) (\(hosts[rank]))" }

    /// "rank 3", "ranks 0-2, 5".
    private static func list(_ ranks: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for rank in ranks {
            if let last = runs.last, last.upperBound == rank - 1 {
                runs[runs.count - 1] = last.lowerBound...rank
            } else {
                runs.append(rank...rank)
            }
        }
        let words = runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        return (ranks.count == 1 ? "rank " : "ranks ") + words.joined(separator: ", ")
    }
}
