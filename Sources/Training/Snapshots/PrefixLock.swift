import Comm
import Foundation
import Synchronization
import Tensors

/// Keeps a second training from the same snapshot prefix: `PREFIX.lock`, which says whose it is.
///
/// A hard link makes it, which is atomic on shared folders too (where there are no links, an exclusive open). As long as the
/// holder lives it touches the file; who finds a lock of another host tells by the file system's own clock whether that
/// still happens. On the same host the holder's process is looked at.
package final class PrefixLock: Sendable {
    /// How long things take, in seconds.
    package struct Times: Sendable {
        package var heartbeat = 10.0
        /// After so long without a sign of life a lock counts as left behind.
        package var stale = 60.0
        /// How long at most is waited for that.
        package var patience = 70.0
        package var look = 1.0

        package init() {}
    }

    private let keeper: LockKeeper

    /// Makes the lock, or waits until one whose holder can't be seen from here has been without a sign of life long enough.
    ///
    /// Removes what an earlier training that was killed has left half-written under the prefix.
    ///
    /// - Throws: `LockError` when another training holds it; `FileError` where files can't be written.
    package static func take(prefix: String, times: Times = Times(), log: TrainingLog) throws -> PrefixLock {
        try AtomicFile.probe(prefix: prefix)
        let attempt = try LockAttempt(path: prefix + ".lock", times: times, log: log)
        defer { attempt.clear() }
        try attempt.run()
        let lock = PrefixLock(LockKeeper(attempt.file, content: attempt.content, log: log), every: times.heartbeat)
        try SnapshotStore(prefix: prefix).removeLeftovers()
        return lock
    }

    /// Whose the lock of a prefix is, if there is one; it may be left behind.
    package static func holder(ofPrefix prefix: String) -> LockHolder? {
        LockFile(path: prefix + ".lock").read().flatMap(LockHolder.init)
    }

    private init(_ keeper: LockKeeper, every seconds: Double) {
        self.keeper = keeper
        let thread = Thread { keeper.run(every: seconds) }
        thread.name = "lock"
        thread.start()
    }

    deinit { release() }

    /// Throws if another training has taken the lock, as it may when this process could not run for a minute.
    package func check() throws { try keeper.check() }

    /// Removes the lock; once.
    package func release() { keeper.release() }
}

/// Touches the lock's file now and then, until it is released.
private final class LockKeeper: Sendable {
    private enum State { case held, lost, released }

    private let file: LockFile
    private let content: Data
    private let log: TrainingLog
    private let state = Mutex(State.held)
    private let ended = DispatchSemaphore(value: 0)

    init(_ file: LockFile, content: Data, log: TrainingLog) {
        self.file = file
        self.content = content
        self.log = log
    }

    func run(every seconds: Double) {
        while ended.wait(timeout: .now() + seconds) == .timedOut { touch() }
    }

    private func touch() {
        state.withLock { state in
            guard state == .held else { return }
            if let found = file.read() {
                if found == content { file.touch() } else { state = .lost }
            } else if file.create(content) {
                log.warn("\(file.path) was gone and is made again: it keeps other trainings from this snapshot prefix")
            }
        }
    }

    func check() throws {
        touch()
        guard state.withLock({ $0 == .lost }) else { return }
        throw LockError.lost(file.path, holder: file.read().flatMap(LockHolder.init))
    }

    func release() {
        state.withLock { state in
            if state == .held, file.read() == content { file.remove() }
            state = .released
        }
        ended.signal()
    }
}

/// Who holds a lock.
package struct LockHolder: Codable, Equatable, Sendable {
    package let host: String
    package let process: Int32
    /// When the process began, as its kernel counts.
    let processStart: String
    /// The kernel's run and the process numbers' space: within it a process number says who is meant.
    let space: String
    /// When the lock was made, for people.
    package let since: String
    package let program: String

    /// This process.
    init() {
        host = Machine.name
        process = ProcessInfo.processInfo.processIdentifier
        processStart = Self.start(of: process) ?? ""
        space = Self.ownSpace
        since = Date.now.formatted(.iso8601.dateTimeSeparator(.space))
        program = ProcessInfo.processInfo.arguments.joined(separator: " ")
    }

    init?(_ content: Data) {
        guard let holder = try? JSONDecoder().decode(Self.self, from: content) else { return nil }
        self = holder
    }

    var content: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return try encoder.encode(self) + Data("\n".utf8)
        }
    }

    /// Whether the process is there still; nil where it can't be seen from here.
    package var isAlive: Bool? {
        guard space == Self.ownSpace, host == Machine.name else { return nil }
        return Self.start(of: process) == processStart
    }

    private static var ownSpace: String {
        let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let numbers = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        return "\(boot?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "") \(numbers ?? "")"
    }

    /// When a process began: the 22nd word of the kernel's line about it, whose second, the name, may hold spaces.
    ///
    /// nil for a dead one, be its status fetched or not.
    private static func start(of process: Int32) -> String? {
        guard let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let name = line.lastIndex(of: ")")
        else { return nil }
        let words = line[name...].split(separator: " ")
        return words.count > 20 && !["Z", "X"].contains(words[1]) ? String(words[20]) : nil
    }
}

/// Why a prefix can't be had.
package enum LockError: Error, CustomStringConvertible {
    case held(String, by: LockHolder?)
    case lost(String, holder: LockHolder?)

    package var description: String {
        switch self {
        case .held(let path, let holder):
            "\(path): another training with this snapshot prefix runs\(Self.words(holder)); wait for its end or stop it, or "
                + "give this one another --snapshot-prefix"
        case .lost(let path, let holder):
            "\(path) is no longer this training's: another one with this snapshot prefix runs\(Self.words(holder)). This one "
                + "had given no sign of life for a minute. It ends, so as not to write over the other's snapshots"
        }
    }

    private static func words(_ holder: LockHolder?) -> String {
        holder.map { " as process \($0.process) on \($0.host) since \($0.since)" } ?? ""
    }
}
