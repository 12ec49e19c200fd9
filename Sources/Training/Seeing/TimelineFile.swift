package import Comm
import Foundation
package import Nets
import Tensors

/// The timelines of all ranks as one file in Chrome's trace format, which Perfetto (ui.perfetto.dev) and chrome://tracing
/// open: a process a rank, with a track for what its main thread did and one for the thread that talks to other ranks.
///
/// Source of the format: "Trace Event Format", Google; complete events (`X`) and metadata (`M`), times in microseconds.
package enum TimelineFile {
    private struct Event<Arguments: Encodable>: Encodable {
        var name: String
        var cat: String?
        var ph: String
        var ts: Double?
        var dur: Double?
        var pid: Int
        var tid: Int?
        var args: Arguments
    }

    /// Writes what all ranks have noted to rank zero's file.
    ///
    /// Collective. All times are by rank zero's clock, and each rank's label says how exactly its own is known (`ClockOffset`).
    ///
    /// - Parameter timeline: whose spans these are: its clock.
    package static func write(
        _ spans: [Timeline.Span], of timeline: Timeline, to path: String, over communicator: any Communicator
    ) throws {
        let offset = try ClockOffset.measure(over: communicator) { timeline.now }
        let own = try events(spans, rank: communicator.rank, host: communicator.host, offset: offset)
        let all = try communicator.gather(own)
        try communicator.together {
            guard communicator.isRankZero else { return }
            try AtomicFile.write(to: path) { append in
                try append(Data("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n".utf8))
                for (rank, events) in all.enumerated() {
                    if rank > 0 { try append(Data(",\n".utf8)) }
                    try append(Data(events.utf8))
                }
                try append(Data("\n]}\n".utf8))
            }
        }
    }

    /// A rank's events as JSON objects with commas between.
    static func events(_ spans: [Timeline.Span], rank: Int, host: String, offset: ClockOffset) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var lines: [String] = []
        func add(_ event: Event<some Encodable>) throws {
            lines.append(String(decoding: try encoder.encode(event), as: UTF8.self))
        }
        func label(_ what: String, thread: Int? = nil, _ arguments: [String: String]) throws {
            try add(Event(name: what, ph: "M", pid: rank, tid: thread, args: arguments))
        }
        try label("process_name", ["name": "rank \(rank) (\(host))"])
        let exactness = String(format: "clock known to %.1f µs", Double(offset.error) / 1000)
        if rank > 0 { try label("process_labels", ["labels": exactness]) }
        try label("thread_name", thread: 0, ["name": "compute"])
        try label("thread_name", thread: 1, ["name": "communication"])
        for span in spans {
            try add(
                Event(
                    name: "\(span.kind.rawValue) \(span.name)", cat: span.kind.rawValue, ph: "X",
                    ts: Double(span.start - offset.nanoseconds) / 1000, dur: Double(span.end - span.start) / 1000,
                    pid: rank, tid: span.kind == .exchange ? 1 : 0, args: ["step": span.step]))
        }
        return lines.joined(separator: ",\n")
    }
}
