import Foundation
import Pairs
import Training

/// Where the pairs that are compared come from.
enum PairLines {
    /// Gives pairs until none are left, some at a time.
    typealias Source = () throws -> [PicturePaths]

    static func of(_ pairs: [PicturePaths]) -> Source {
        var rest = pairs[...]
        return {
            defer { rest = rest.dropFirst(PairComparer.batch) }
            return Array(rest.prefix(PairComparer.batch))
        }
    }

    /// The pairs of two lists, line by line.
    static func of(_ list: PairList) -> Source {
        var next = 0
        return {
            let range = next..<min(next + PairComparer.batch, list.count)
            next = range.upperBound
            return range.map { .init(list.path(column: 0, index: $0), list.path(column: 1, index: $0)) }
        }
    }

    /// Lines `pathA<TAB>pathB` of a file descriptor: those that are there, and waits only where there is none.
    static func of(descriptor: Int32, name: String) -> Source {
        var reader = LineReader(descriptor, name: name)
        return { try reader.next(PairComparer.batch) }
    }
}

/// Takes lines apart as they arrive.
private struct LineReader {
    private let descriptor: Int32
    private let name: String
    private var bytes: [UInt8] = []
    private var line = 0
    private var isAtEnd = false
    /// What was wrong behind lines that were good.
    private var fault: LineFault?

    init(_ descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    mutating func next(_ limit: Int) throws -> [PicturePaths] {
        if let fault { throw fault }
        var pairs: [PicturePaths] = []
        while pairs.count < limit {
            if let text = takeLine() {
                do throws(LineFault) {
                    if let pair = try pair(text) { pairs.append(pair) }
                } catch {
                    // What came before it is compared first.
                    if pairs.isEmpty { throw error }
                    fault = error
                    return pairs
                }
            } else if isAtEnd || (!pairs.isEmpty && !hasMore) {
                return pairs
            } else {
                try read()
            }
        }
        return pairs
    }

    private func pair(_ text: [UInt8]) throws(LineFault) -> PicturePaths? {
        let parts = text.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        if text.isEmpty { return nil }
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw LineFault(place: "\(name):\(line)", text: String(decoding: text, as: UTF8.self))
        }
        return PicturePaths(String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self))
    }

    private mutating func takeLine() -> [UInt8]? {
        let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
        guard let end = end ?? (isAtEnd && !bytes.isEmpty ? bytes.count : nil) else { return nil }
        defer { bytes.removeFirst(min(end + 1, bytes.count)) }
        line += 1
        let text = bytes[..<end]
        return Array(text.last == UInt8(ascii: "\r") ? text.dropLast() : text)
    }

    /// Whether reading would not wait.
    private var hasMore: Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&request, 1, 0) > 0
    }

    private mutating func read() throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        var got: Int
        repeat {
            got = unsafe Foundation.read(descriptor, &buffer, buffer.count)
        } while got < 0 && errno == EINTR
        guard got >= 0 else { throw LineFault(place: name, text: unsafe String(cString: strerror(errno))) }
        isAtEnd = got == 0
        bytes += buffer[..<got]
    }
}

/// A line that is no pair of paths.
private struct LineFault: Error, CustomStringConvertible {
    let place: String
    let text: String

    var description: String { "\(place): expected two paths with a tab between them, found: \(text)" }
}
