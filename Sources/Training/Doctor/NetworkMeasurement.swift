package import Comm
import Foundation
import Tensors

/// Measures the network between the ranks: every two hosts once, several pairs at the same time, then all together.
package struct NetworkMeasurement {
    private let communicator: any Communicator
    /// The first rank of each host, in order.
    private let leaders: [Int]
    /// This rank's host among them.
    private let host: Int
    private let mine = FloatStorage(count: 16 << 20)
    private let theirs = FloatStorage(count: 8 << 20)

    /// What a rank has measured.
    private struct Own: Codable {
        let pairs: [NetworkFigures.Pair]
        let interface: NetworkFigures.Interface?
    }

    /// nil on all ranks but rank zero.
    ///
    /// Collective; some seconds, however many hosts there are.
    package static func run(over communicator: any Communicator) throws -> NetworkFigures? {
        let measurement = try NetworkMeasurement(communicator)
        let before = InterfaceCounters()
        let pairs = try measurement.withinHosts() + measurement.betweenHosts()
        let allReduces = try measurement.allReduces()
        let own = Own(pairs: pairs, interface: InterfaceCounters().busiest(since: before))
        let told = try communicator.gather([UInt8](JSONEncoder().encode(own)))
        guard communicator.isRankZero else { return nil }
        let all = try told.map { try JSONDecoder().decode(Own.self, from: Data($0)) }
        return NetworkFigures(
            pairs: all.flatMap(\.pairs).sorted { ($0.a, $0.b) < ($1.a, $1.b) }, allReduces: allReduces,
            interfaces: measurement.leaders.map { all[$0].interface })
    }

    /// Collective.
    private init(_ communicator: any Communicator) throws {
        self.communicator = communicator
        let leaderOf = try communicator.allGather("\(communicator.hostLeader)").compactMap { Int($0) }
        leaders = Set(leaderOf).sorted()
        host = leaders.firstIndex(of: communicator.hostLeader) ?? 0
        mine.fill(1)
        theirs.fill(0)
    }

    /// The first two ranks of each host, all hosts at once; a rank tells what it has measured as the first of its pair.
    private func withinHosts() throws -> [NetworkFigures.Pair] {
        let takesPart = communicator.localRank < 2 && communicator.localSize > 1
        let group = takesPart ? communicator.hostLeader : communicator.size + communicator.rank
        let pair = try communicator.split(group: group)
        let figures = takesPart ? try measure(pair, a: host, b: host, budget: 0.3) : nil
        try communicator.barrier()
        return [figures].compactMap(\.self)
    }

    /// Each two hosts, in rounds in which every host has at most one partner.
    private func betweenHosts() throws -> [NetworkFigures.Pair] {
        let isLeader = communicator.localRank == 0
        let group = try communicator.split(group: isLeader ? 0 : 1)
        let rounds = Tournament.rounds(of: leaders.count)
        var figures: [NetworkFigures.Pair?] = []
        if isLeader {
            for partners in rounds {
                let partner = partners[host]
                let pair = try group.split(group: min(host, partner))
                guard partner != host else { continue }
                let budget = min(0.3, 5 / Double(rounds.count))
                figures.append(try measure(pair, a: min(host, partner), b: max(host, partner), budget: budget))
            }
        }
        try communicator.barrier()
        return figures.compactMap(\.self)
    }

    /// nil on the second of the pair.
    ///
    /// - Parameters:
    ///   - pair: two ranks.
    ///   - budget: seconds, for latency and for bandwidth.
    private func measure(
        _ pair: any Communicator, a: Int, b: Int, budget: Double
    ) throws -> NetworkFigures.Pair? {
        // First the connections are made.
        for _ in 0..<3 { try pair.barrier() }
        let one = try time(pair, turns: 1) { try pair.barrier() }
        let latency = try time(pair, turns: Int(min(max(budget / 3 / one, 2), 200))) { try pair.barrier() }
        /// One way; to and fro at once would take turns in a TCP connection, now more and now less.
        func send(_ count: Int, from sender: Int) throws {
            let (sent, received) = pair.rank == sender ? (count, 0) : (0, count)
            try mine.withSpan { mine in
                try theirs.withMutableSpan { (theirs: inout MutableSpan<Float>) in
                    var part = theirs._mutatingExtracting(0..<received)
                    try pair.swap(mine.extracting(0..<sent), &part, with: 1 - pair.rank)
                }
            }
        }
        let small = 64 << 10
        let slowest = try (0..<2).map { sender in
            let first = try time(pair, turns: 1) { try send(small, from: sender) }
            let count = min(max(Int(budget / 12 / first * Double(small)), small), theirs.count)
            let seconds = try time(pair, turns: 2) { try send(count, from: sender) }
            return Double(4 * count) / max(seconds - latency, 1e-9)
        }.min()
        guard let slowest, pair.rank == 0 else { return nil }
        return .init(a: a, b: b, latency: latency, bandwidth: slowest)
    }

    /// All ranks at once, by size; what would take long is left out.
    private func allReduces() throws -> [NetworkFigures.AllReduce] {
        var figures: [NetworkFigures.AllReduce] = []
        for count in [256, 16 << 10, 256 << 10, 4 << 20, 16 << 20] {
            if let last = figures.last, last.seconds * Double(4 * count / last.bytes) > 0.8 { break }
            let seconds = try time(communicator, turns: count > 1 << 20 ? 1 : 5) {
                try mine.withMutableSpan { (span: inout MutableSpan<Float>) in
                    var part = span._mutatingExtracting(0..<count)
                    try communicator.allReduceSum(&part)
                }
            }
            figures.append(.init(bytes: 4 * count, seconds: seconds))
        }
        return figures
    }

    /// The mean of some turns in a row, on the slowest rank, in seconds; the best of three: the same on all ranks.
    ///
    /// One turn alone would seem short to a rank that comes to it late.
    private func time(_ group: any Communicator, turns: Int, _ body: () throws -> Void) throws -> Double {
        let clock = ContinuousClock()
        var nanoseconds: [Int] = []
        for _ in 0..<3 {
            let seconds = try clock.measure { for _ in 0..<turns { try body() } }
            nanoseconds.append(Int(seconds / .nanoseconds(turns)))
        }
        try group.allReduceMaximum(&nanoseconds)
        return Double(max(nanoseconds.min() ?? 1, 1)) * 1e-9
    }
}

/// Who meets whom when everybody shall meet everybody, once, in the fewest rounds.
package enum Tournament {
    /// The partner of each in every round; who has none meets itself.
    ///
    /// The circle method: one stays, the others walk round it.
    package static func rounds(of count: Int) -> [[Int]] {
        guard count > 1 else { return [] }
        let seats = count + count % 2
        let circle = seats - 1
        return (0..<circle).map { round in
            var partners = Array(0..<seats)
            func meet(_ a: Int, _ b: Int) { (partners[a], partners[b]) = (b, a) }
            meet(seats - 1, round)
            for step in 1..<max(1, seats / 2) { meet((round + step) % circle, (round - step + circle) % circle) }
            return partners.prefix(count).enumerated().map { $1 < count ? $1 : $0 }
        }
    }
}
