import Comm
import Foundation
import Nets
import TestSupport
import Testing
import Training

struct TimelineFileTests {
    /// The timelines of two ranks begin 0.2 s apart; what both do at once is at one time in the file.
    @Test
    func timesAreByRankZerosClock() throws {
        let folder = try ScratchDirectory("timeline")
        let path = folder.file("trace.json")
        _ = try ThreadCommunicator.run(2) { communicator in
            Thread.sleep(forTimeInterval: 0.2 * Double(communicator.rank))
            let timeline = Timeline()
            timeline.begin(step: 4)
            try communicator.barrier()
            try Timeline.measure(.wait, "each other", in: timeline) { try communicator.barrier() }
            try TimelineFile.write(timeline.take(), of: timeline, to: path, over: communicator)
        }
        let spans = try TraceFile.read(path).spans
        #expect(spans.map(\.pid) == [0, 1])
        #expect(spans.map(\.args.step) == [4, 4])
        let (start, end) = (spans.map(\.start).max() ?? .nan, spans.map(\.end).min() ?? .nan)
        #expect(start <= end + 20_000, "microseconds, of 200000 that the clocks were apart")
        // The ranks are threads, which may begin some milliseconds apart.
        #expect(start >= 100_000, "rank zero has waited for the other")
    }

    /// The very numbers and names, and what is on which track.
    @Test
    func spansBecomeEvents() throws {
        let folder = try ScratchDirectory("timeline")
        let path = folder.file("trace.json")
        let spans = [
            Timeline.Span(.forward, #"a "layer" \ of/é"#, step: 7, start: 1_000_001, end: 1_500_002),
            Timeline.Span(.exchange, "fc6[0]", step: 7, start: 1_200_000, end: 3_000_000),
        ]
        try TimelineFile.write(spans, of: Timeline(), to: path, over: SoloCommunicator())
        let found = try TraceFile.read(path)
        #expect(found.spans.map(\.name) == [#"forward a "layer" \ of/é"#, "exchange fc6[0]"])
        #expect(found.spans.map(\.cat) == ["forward", "exchange"])
        #expect(found.spans.map(\.ts) == [1000.001, 1200])
        #expect(found.spans.map(\.dur) == [500.001, 1800])
        #expect(found.spans.map(\.tid) == [0, 1])
        #expect(found.names(of: "thread_name") == ["compute", "communication"])
        #expect(found.names(of: "process_name") == ["rank 0 (\(Machine.name))"])
    }

    @Test
    func aRankWithoutSpansIsThere() throws {
        let folder = try ScratchDirectory("timeline")
        let path = folder.file("trace.json")
        try TimelineFile.write([], of: Timeline(), to: path, over: SoloCommunicator())
        #expect(try TraceFile.read(path).ranks == [0])
    }
}
