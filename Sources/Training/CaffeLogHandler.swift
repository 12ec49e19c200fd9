import Foundation
package import Logging

/// Writes log lines as Caffe's (glog's) are, so that its `parse_log.py`, `parse_log.sh` and `extract_seconds.py` read them:
/// `I0210 13:39:22.381027 25210 Trainer.swift:204] Iteration 100, loss = 0.123`.
package struct CaffeLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level

    /// - Parameter speaks: whether this rank speaks (rank zero); others say warnings and errors only.
    package init(speaks: Bool) { logLevel = speaks ? .info : .warning }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let file = event.file.split(separator: "/").last ?? "?"
        let stamp = Self.stamp(Date())
        let pid = ProcessInfo.processInfo.processIdentifier
        for line in "\(event.message)".split(separator: "\n", omittingEmptySubsequences: false) {
            Console.printLine("\(Self.letter(event.level))\(stamp) \(pid) \(file):\(event.line)] \(line)")
        }
    }

    private static func letter(_ level: Logger.Level) -> Character {
        switch level {
        case .trace, .debug, .info, .notice: "I"
        case .warning: "W"
        case .error, .critical: "E"
        }
    }

    /// "0210 13:39:22.381027", in local time as glog has it.
    static func stamp(_ date: Date) -> String {
        let parts = Calendar.current.dateComponents([.month, .day, .hour, .minute, .second, .nanosecond], from: date)
        func two(_ value: Int?) -> String { String(format: "%02d", value ?? 0) }
        let day = two(parts.month) + two(parts.day)
        let time = "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))"
        return "\(day) \(time)." + String(format: "%06d", (parts.nanosecond ?? 0) / 1000)
    }
}
