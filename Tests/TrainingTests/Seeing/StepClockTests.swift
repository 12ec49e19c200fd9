import Comm
import Foundation
import Nets
import Testing
import Training

struct StepClockTests {
    private static func pass(_ seconds: Double) { Thread.sleep(forTimeInterval: seconds) }

    @Test
    func sectionsAddUp() {
        let clock = StepClock()
        Self.pass(0.02)
        for _ in 0..<2 {
            clock.begin()
            Self.pass(0.03)
            clock.mark(.forward)
            clock.mark(.backward)
            Self.pass(0.01)
            clock.mark(.update)
        }
        let seconds = clock.take()
        #expect(seconds[.forward, default: 0] >= 0.06)
        #expect(seconds[.backward, default: 1] < 0.01)
        #expect(seconds[.update, default: 0] >= 0.02)
        #expect(clock.take().isEmpty)
    }

    /// What a section of this rank's own waits for others in its middle is the exchange's time.
    @Test
    func waitsAreTakenOut() throws {
        let thread = CommunicationThread()
        defer { thread.close() }
        let clock = StepClock(waits: thread.waits)
        clock.begin()
        try thread.run { Thread.sleep(forTimeInterval: 0.1) }
        clock.mark(.forward)
        clock.mark(.backward)
        try thread.run { Thread.sleep(forTimeInterval: 0.05) }
        clock.mark(.exchange)
        let seconds = clock.take()
        #expect(seconds[.forward, default: 1] < 0.09)
        #expect(seconds[.exchange, default: 0] >= 0.14)
        #expect(seconds[.exchange, default: 1] < 0.14 + 0.1)
    }

    /// A section becomes a span only where it is named, and a timeline is there.
    @Test
    func namedSectionsAreSpans() throws {
        let clock = StepClock()
        let timeline = Timeline()
        timeline.begin(step: 7)
        clock.begin(timeline)
        Self.pass(0.002)
        clock.mark(.data, span: "pairs")
        Self.pass(0.002)
        clock.mark(.forward)
        Self.pass(0.002)
        clock.mark(.others, span: "loss")
        clock.begin()
        Self.pass(0.002)
        clock.mark(.update, span: "weights")
        let spans = timeline.take()
        #expect(spans.map(\.kind) == [.data, .wait])
        #expect(spans.map(\.name) == ["pairs", "loss"])
        #expect(spans.allSatisfy { $0.step == 7 && $0.end - $0.start >= 2_000_000 })
        #expect(try #require(spans.last).start >= (try #require(spans.first)).end + 2_000_000)
    }
}
