import Synchronization
import Tensors

/// When this rank did what: spans of the steps since `start`, from the compute and the communication thread.
///
/// Costs two looks at the clock and one append a span; a net without one a note for the watchdog.
package final class Timeline: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case data, forward, backward, exchange, wait, update, share, test, snapshot

        /// With a name behind it, what a rank is at.
        fileprivate var phrase: StaticString {
            switch self {
            case .data: "data:"
            case .forward: "forward of"
            case .backward: "backward of"
            case .exchange: "exchange of"
            case .wait: "wait for"
            case .update: "update of"
            case .share: "exchange of"
            case .test: "test of"
            case .snapshot: "snapshot of"
            }
        }
    }

    package struct Span: Sendable {
        package let kind: Kind
        /// The layer, or the parameters, that it was about.
        package let name: String
        /// The step in which it was, as `begin(step:)` has counted it.
        package let step: Int
        /// Nanoseconds since the timeline's start.
        package let start: Int
        package let end: Int

        package init(_ kind: Kind, _ name: String, step: Int, start: Int, end: Int) {
            self.kind = kind
            self.name = name
            self.step = step
            self.start = start
            self.end = end
        }
    }

    private struct State {
        var step = 0
        var spans: [Span] = []
    }

    private let origin = ContinuousClock.now
    private let state = Mutex(State())

    package init() {}

    /// Runs `body`, and notes when it began and ended; also when it throws.
    ///
    /// Timeline or not, a watchdog sees what it is.
    package static func measure<R, E: Error>(
        _ kind: Kind, _ name: String, in timeline: Timeline?, _ body: () throws(E) -> R
    ) throws(E) -> R {
        // Exchanges go on beside what the main thread is at.
        if kind == .exchange { Activity.tick() } else { Activity.begin(kind.phrase, name) }
        guard let timeline else { return try body() }
        let start = ContinuousClock.now
        defer { timeline.add(kind, name, from: start, to: .now) }
        return try body()
    }

    /// Nanoseconds since the start.
    package var now: Int { time(of: .now) }

    /// What follows belongs to this step.
    package func begin(step: Int) { state.withLock { $0.step = step } }

    package func add(
        _ kind: Kind, _ name: String, from start: ContinuousClock.Instant, to end: ContinuousClock.Instant
    ) {
        let (start, end) = (time(of: start), time(of: end))
        state.withLock { $0.spans.append(Span(kind, name, step: $0.step, start: start, end: end)) }
    }

    /// Hands over what was noted since the last call.
    package func take() -> [Span] {
        state.withLock { state in
            defer { state.spans = [] }
            return state.spans
        }
    }

    private func time(of instant: ContinuousClock.Instant) -> Int {
        let elapsed = (instant - origin).components
        return Int(elapsed.seconds) * 1_000_000_000 + Int(elapsed.attoseconds / 1_000_000_000)
    }
}
