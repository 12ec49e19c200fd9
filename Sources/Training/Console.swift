import Foundation
import Synchronization

/// Standard error, shared by the log and the progress line: a log line first wipes the progress line.
package enum Console {
    private static let progress = Mutex<String>("")

    /// Prints a line, and the progress line again below it.
    package static func printLine(_ line: String) {
        progress.withLock { shown in
            write((shown.isEmpty ? "" : wipe) + line + "\n" + shown)
        }
    }

    /// Shows a line that the next one replaces; an empty one removes it.
    package static func showProgress(_ line: String) {
        progress.withLock { shown in
            if line != shown { write(wipe + line) }
            shown = line
        }
    }

    /// Back to the first column, and clear to the end of the line.
    private static let wipe = "\r\u{1b}[K"

    private static func write(_ text: String) {
        // A log that can't be written (a full disk, a terminal that is gone) is no reason to end.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
