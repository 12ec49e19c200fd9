import Foundation

/// The rank for which all others wait: the one that is farthest behind in what it does itself, and by more than a fifth.
///
/// How far is rather said too low: while the others wait for it, their communication threads poll, which slows their own
/// backward where they have no core to spare.
package struct Straggler: Encodable, Sendable, CustomStringConvertible {
    /// How far behind the others counts.
    private static let limit = 0.2
    /// Seconds a step below which the differences are the machine's own unrest.
    private static let leastDelay = 1e-3

    package let rank: Int
    package let host: String
    /// How much longer it takes than the others would with its share of the work: 0.35 for 35 %.
    package let behind: Double
    /// Where it loses most.
    package let section: StepSection
    /// Its seconds a step in that section.
    package let seconds: Double
    /// What the others would take there.
    package let expected: Double

    /// - Parameters:
    ///   - ranks: their times in `steps` steps.
    ///   - hosts: theirs, in the order of ranks.
    /// - Returns: nil if nobody is behind.
    package init?(among ranks: [RankTimes], steps: Int, hosts: [String]) {
        guard ranks.count > 1, steps > 0 else { return nil }
        let delays = ranks.indices.map { Delay(of: $0, among: ranks, steps: steps) }
        guard let (rank, delay) = delays.enumerated().max(by: { $0.element.behind < $1.element.behind }),
            delay.behind > Self.limit, delay.excess > Self.leastDelay
        else { return nil }
        self.rank = rank
        host = hosts[rank]
        behind = delay.behind
        (section, seconds, expected) = (delay.worst.section, delay.worst.seconds, delay.worst.expected)
    }

    /// "rank 3 (node2) is 35 % behind: backward 1.9 s a step against 1.4 s".
    package var description: String {
        let name = section == .data ? "its pairs take" : section.rawValue
        return
            "rank \(rank) (\(host)) is \(Int((100 * behind).rounded())) % behind: \(name) \(Self.format(seconds)) a step "
            + "against \(Self.format(expected))"
    }

    private static func format(_ seconds: Double) -> String {
        seconds < 0.9995 ? String(format: "%.3g ms", seconds * 1e3) : String(format: "%.3g s", seconds)
    }
}

/// How a rank's own sections compare with those of the others.
private struct Delay {
    typealias Part = (section: StepSection, seconds: Double, expected: Double)

    let parts: [Part]
    let worst: Part

    init(of rank: Int, among ranks: [RankTimes], steps: Int) {
        parts = StepSection.allCases.filter(\.isOwn).map { section in
            let others = ranks.indices.filter { $0 != rank }.map { other in
                // A shard may be larger than another, and all but the update goes with its size.
                let share = section == .update ? 1 : ranks[rank].operations / ranks[other].operations
                return ranks[other][section] * (share.isFinite && share > 0 ? share : 1)
            }
            return (section, ranks[rank][section] / Double(steps), Self.median(others) / Double(steps))
        }
        worst = parts.max { $0.seconds - $0.expected < $1.seconds - $1.expected } ?? (.data, 0, 0)
    }

    /// Seconds a step.
    var excess: Double { parts.reduce(0) { $0 + $1.seconds - $1.expected } }
    var behind: Double { excess / max(parts.reduce(0) { $0 + $1.expected }, .leastNormalMagnitude) }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
