import Synchronization

/// When this rank did what: spans of the steps since `start`, from the compute and the communication thread.
///
/// Costs two looks at the clock and one append a span; a net without one costs a comparison.
package final class Timeline: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case data, forward, backward, exchange, wait, update, share, test, snapshot
    }

    package struct Span: Sendable {
        package let kind: Kind
        /// The layer, or the parameters, that it was about.
        package let name: String
        /// Nanoseconds since the timeline's start.
        package let start: Int
        package let end: Int
    }

    private let origin = ContinuousClock.now
    private let spans = Mutex<[Span]>([])

    package init() {}

    /// Runs `body`, and notes when it began and ended; also when it throws.
    package static func measure<R, E: Error>(
        _ kind: Kind, _ name: String, in timeline: Timeline?, _ body: () throws(E) -> R
    ) throws(E) -> R {
        guard let timeline else { return try body() }
        let start = timeline.now
        defer { timeline.add(Span(kind: kind, name: name, start: start, end: timeline.now)) }
        return try body()
    }

    /// Nanoseconds since the start.
    package var now: Int {
        let elapsed = (ContinuousClock.now - origin).components
        return Int(elapsed.seconds) * 1_000_000_000 + Int(elapsed.attoseconds / 1_000_000_000)
    }

    package func add(_ span: Span) { spans.withLock { $0.append(span) } }

    /// Hands over what was noted since the last call.
    package func take() -> [Span] {
        spans.withLock { spans in
            defer { spans = [] }
            return spans
        }
    }
}
