import Foundation

/// What the kernel tells in /proc and /sys.
package struct SystemFiles: Sendable {
    /// Put before each path: "" for this machine's own files.
    private let root: String

    package init(root: String = "") { self.root = root }

    /// A file's text without the blanks at its ends; nil where there is none, or where it can't be read.
    package func text(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: root + path) else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    package func number(_ path: String) -> Int? { text(path).flatMap { Int($0) } }

    package func lines(_ path: String) -> [Substring] { text(path)?.split(separator: "\n") ?? [] }

    /// The names in a folder, in order; none where there is no such folder.
    package func names(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: root + path)) ?? []).sorted()
    }

    /// The number of a line such as "MemAvailable:  123 kB".
    package func number(of key: String, in path: String) -> Int? {
        let line = lines(path).first { $0.hasPrefix(key + ":") }
        return line?.dropFirst(key.count + 1).split(separator: " ").first.flatMap { Int($0) }
    }
}
