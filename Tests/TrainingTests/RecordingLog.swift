import Logging
import Synchronization
import Training

/// Keeps what a training says.
final class RecordingLog: Sendable {
    private let kept = Mutex<[(level: Logger.Level, text: String)]>([])

    /// Everything said so far, line by line.
    var lines: [String] { kept.withLock { $0.map(\.text) } }
    var warnings: [String] { kept.withLock { $0.filter { $0.level == .warning }.map(\.text) } }

    /// A log that this one listens to.
    var log: TrainingLog { TrainingLog(Logger(label: "test", factory: { _ in Handler(owner: self) })) }

    private struct Handler: LogHandler {
        let owner: RecordingLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            owner.kept.withLock { $0.append((event.level, "\(event.message)")) }
        }
    }
}
