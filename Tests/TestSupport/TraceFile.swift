import Foundation

/// A timeline as the tool has written it, in Chrome's trace format.
package struct TraceFile: Decodable, Sendable {
    package struct Event: Decodable, Sendable {
        package struct Arguments: Decodable, Sendable {
            package let name: String?
            package let labels: String?
            package let step: Int?
        }

        package let name: String
        package let cat: String?
        package let ph: String
        package let ts: Double?
        package let dur: Double?
        package let pid: Int
        package let tid: Int?
        package let args: Arguments

        package var start: Double { ts ?? .nan }
        package var end: Double { start + (dur ?? .nan) }
    }

    package let traceEvents: [Event]

    package static func read(_ path: String) throws -> TraceFile {
        try JSONDecoder().decode(TraceFile.self, from: Data(contentsOf: URL(filePath: path)))
    }

    package var ranks: Set<Int> { Set(traceEvents.map(\.pid)) }
    /// The steps that have an update.
    package var steps: Set<Int> { Set(spans.filter { $0.name == "update weights" }.compactMap(\.args.step)) }
    package var spans: [Event] { traceEvents.filter { $0.ph == "X" } }

    /// In the order of time.
    package func spans(_ kind: String, rank: Int, step: Int) -> [Event] {
        spans.filter { $0.cat == kind && $0.pid == rank && $0.args.step == step }.sorted { $0.start < $1.start }
    }

    /// The names of processes, or of a rank's threads.
    package func names(of what: String, rank: Int? = nil) -> [String] {
        traceEvents.filter { $0.ph == "M" && $0.name == what && $0.pid == rank ?? $0.pid }.compactMap(\.args.name)
    }

    /// A sentence for each span that begins before the one before it on its track has ended, each on the wrong track, and
    /// each step that is out of order; empty when all is well.
    package func faults() -> [String] {
        let rounding = 1e-3
        var faults: [String] = []
        func inOrder(_ first: Event?, _ second: Event?, _ place: String) {
            guard let first, let second else { return faults.append("\(place): spans are missing") }
            // Written so that a NaN counts as a fault.
            guard first.end <= second.start + rounding else {
                return faults.append("\(place): \(second.name) begins before \(first.name) ends")
            }
        }
        for rank in ranks {
            for track in 0...1 {
                let spans = spans.filter { $0.pid == rank && $0.tid == track }.sorted { $0.start < $1.start }
                for (one, next) in zip(spans, spans.dropFirst()) { inOrder(one, next, "rank \(rank), track \(track)") }
            }
            for step in steps {
                let parts = ["data", "forward", "backward", "wait", "update"].map { kind in
                    spans(kind, rank: rank, step: step).filter { kind != "wait" || $0.name == "wait gradients" }
                        .filter { kind != "update" || $0.name == "update weights" }
                }
                for (part, next) in zip(parts, parts.dropFirst()) {
                    inOrder(part.last, next.first, "rank \(rank), step \(step)")
                }
            }
        }
        for span in spans where span.tid != (span.cat == "exchange" ? 1 : 0) {
            faults.append("\(span.name) on track \(span.tid ?? -1)")
        }
        return faults
    }
}
