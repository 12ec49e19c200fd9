package import Comm
import Foundation
package import Nets

/// What a rank's time in a step goes into.
package enum StepSection: String, Codable, CodingKeyRepresentable, Sendable, CaseIterable {
    /// Until this rank's pairs are in the net.
    case data
    case forward, backward
    /// The solver's: also clearing the gradients.
    case update
    /// What is left of the exchange when backward has ended, and what layers wait for other ranks meanwhile.
    case exchange
    /// Until all other ranks have come as far.
    case others

    /// Whether the rank itself does it, so that none of it is waiting for another rank.
    package var isOwn: Bool {
        switch self {
        case .data, .forward, .backward, .update: true
        case .exchange, .others: false
        }
    }

    fileprivate var kind: Timeline.Kind {
        switch self {
        case .data: .data
        case .forward: .forward
        case .backward: .backward
        case .update: .update
        case .exchange, .others: .wait
        }
    }
}

/// Where this rank's time in the steps goes: one look at the clock at the end of each section.
package final class StepClock {
    private let waits: WaitTime
    private var seconds: [StepSection: Double] = [:]
    private var last = ContinuousClock.now
    private var lastWait = 0
    private var timeline: Timeline?

    /// - Parameter waits: what sections of this rank's own wait for other ranks in their middle; not counted as theirs.
    package init(waits: WaitTime = WaitTime()) { self.waits = waits }

    /// A step begins.
    ///
    /// - Parameter timeline: gets a span of each section that `mark` names.
    package func begin(_ timeline: Timeline? = nil) {
        self.timeline = timeline
        last = .now
        lastWait = waits.nanoseconds
    }

    /// A section ends that began with the step or at the end of the section before.
    ///
    /// - Parameter name: what the timeline calls it, if nobody else notes it there.
    package func mark(_ section: StepSection, span name: String? = nil) {
        let (now, waited) = (ContinuousClock.now, waits.nanoseconds)
        let elapsed = now - last
        let waiting = section.isOwn ? min(elapsed, .nanoseconds(waited - lastWait)) : .zero
        seconds[section, default: 0] += (elapsed - waiting) / .seconds(1)
        seconds[.exchange, default: 0] += waiting / .seconds(1)
        // What takes no time, as waiting for others does in a world of one, is nothing to look at.
        if let timeline, let name, elapsed > .microseconds(1) { timeline.add(section.kind, name, from: last, to: now) }
        (last, lastWait) = (now, waited)
    }

    /// Hands over the seconds of each section since the last call.
    package func take() -> [StepSection: Double] {
        defer { seconds = [:] }
        return seconds
    }
}

/// What each rank tells rank zero at a display, about the steps since the last one.
package struct RankTimes: Codable, Sendable {
    package var seconds: [StepSection: Double]
    /// The part of `.data` in which the pairs were not there yet.
    package var dataWait: Double
    /// Additions and multiplications of a step of this rank.
    package var operations: Double

    package init(_ seconds: [StepSection: Double], dataWait: Double = 0, operations: Double) {
        self.seconds = seconds
        self.dataWait = dataWait
        self.operations = operations
    }

    package subscript(section: StepSection) -> Double { seconds[section] ?? 0 }

    /// Gives rank zero what all say, in the order of ranks, and the others nothing.
    ///
    /// Collective.
    package static func gather(_ mine: RankTimes, over communicator: any Communicator) throws -> [RankTimes] {
        try communicator.gather([UInt8](JSONEncoder().encode(mine)))
            .map { try JSONDecoder().decode(RankTimes.self, from: Data($0)) }
    }
}
