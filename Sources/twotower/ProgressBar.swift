import Foundation
import Training

/// The progress line of a work whose length is known: a bar, the speed and the time that is left.
struct ProgressBar {
    /// What is counted: "pairs".
    let unit: String
    let isShown: Bool
    private let start = Date.now
    private var first: Int?

    init(_ unit: String, isShown: Bool) {
        self.unit = unit
        self.isShown = isShown
    }

    /// Shows that so many are done; what was done at the first call does not count for the speed.
    mutating func show(_ done: Int, of count: Int) {
        let first = first ?? done
        self.first = first
        guard isShown, count > 0 else { return }
        let width = 30
        let bar = String(repeating: "=", count: width * done / count).padding(
            toLength: width, withPad: " ", startingAt: 0)
        let seconds = Date.now.timeIntervalSince(start)
        let rate = seconds > 0 ? Double(done - first) / seconds : 0
        let left = rate > 0 ? Duration.seconds(Double(count - done) / rate) : .zero
        Console.showProgress(
            "[\(bar)] \(done) of \(count)  \(TrainingLog.format(rate.rounded())) \(unit)/s  "
                + "\(left.formatted(.time(pattern: .hourMinuteSecond))) left")
    }
}
