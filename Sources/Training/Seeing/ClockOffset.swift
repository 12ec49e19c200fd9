package import Comm
import Foundation

/// How far a rank's clock is ahead of rank zero's.
///
/// All ranks meet at a barrier some times. None leaves it before all have come, so that each meeting bounds the
/// difference from both sides; what all meetings leave is known for sure, however slow the network was. How exact:
/// about half of the quickest meeting, 0.3 µs between two ranks of a host. It holds for the time at which it was measured;
/// clocks of hosts that run at different rates drift apart (by 10 µs a second at 10 parts in a million).
package struct ClockOffset: Sendable, Equatable {
    /// When a rank has come to a meeting and left it, in nanoseconds by its own clock.
    package struct Visit: Codable, Sendable {
        package let came: Int
        package let left: Int

        package init(came: Int, left: Int) {
            self.came = came
            self.left = left
        }
    }

    private static let meetings = 20

    package let nanoseconds: Int
    /// It is wrong by at most this many nanoseconds.
    package let error: Int

    /// - Parameters:
    ///   - mine: at least one visit.
    ///   - zeros: rank zero's at the same meetings.
    package init(mine: [Visit], zeros: [Visit]) {
        precondition(!mine.isEmpty && mine.count == zeros.count, "visits to different meetings")
        let meetings = zip(mine, zeros)
        let least = meetings.map { $0.came - $1.left }.max() ?? 0
        let most = meetings.map { $0.left - $1.came }.min() ?? 0
        nanoseconds = least + (most - least) / 2
        error = (most - least + 1) / 2
    }

    /// Collective.
    ///
    /// - Parameter now: this rank's clock, in nanoseconds.
    package static func measure(over communicator: any Communicator, now: () -> Int) throws -> ClockOffset {
        let mine = try (0..<meetings).map { _ in
            let came = now()
            try communicator.barrier()
            return Visit(came: came, left: now())
        }
        var zeros = communicator.isRankZero ? [UInt8](try JSONEncoder().encode(mine)) : []
        try communicator.broadcast(&zeros)
        if communicator.isRankZero { return .none }
        return ClockOffset(mine: mine, zeros: try JSONDecoder().decode([Visit].self, from: Data(zeros)))
    }

    /// Rank zero's own.
    package static let none = ClockOffset(mine: [Visit(came: 0, left: 0)], zeros: [Visit(came: 0, left: 0)])
}
