import Foundation
import Tensors

/// The file of a lock, with the few things that are done with it.
struct LockFile: Sendable {
    let path: String

    /// What it holds; nil where there is none.
    func read() -> Data? { FileManager.default.contents(atPath: path) }

    /// Makes it, if there is none.
    func create(_ content: Data) -> Bool {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return false }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: content)
            return true
        } catch {
            remove()
            return false
        }
    }

    /// Gives it the file system's time.
    func touch() { unsafe utimensat(AT_FDCWD, path, nil, 0) }

    func remove() { unsafe unlink(path) }

    /// When it was last touched, in seconds by the file system's clock.
    var touched: Double? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    }

    /// Whether anything has this name, be it a link that leads nowhere.
    var isThere: Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    /// How many names it has.
    var links: Int {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int(status.st_nlink) : 0
    }
}

/// A process on its way to a lock.
final class LockAttempt {
    let file: LockFile
    let content: Data
    /// This process's own file: the lock is a second name of it, and its times are by the file system's clock.
    private let own: LockFile
    private let times: PrefixLock.Times
    private let log: TrainingLog
    private let start = ContinuousClock.now
    /// When the lock that is in the way had been touched when it was first looked at.
    private var seen: (content: Data, touched: Double)?
    /// How often the lock was there and could not be read.
    private var unreadable = 0

    init(path: String, times: PrefixLock.Times, log: TrainingLog) throws {
        file = LockFile(path: path)
        let holder = LockHolder()
        content = try holder.content
        own = LockFile(path: "\(path).\(holder.host)-\(holder.process)")
        self.times = times
        self.log = log
        try AtomicFile.write(to: own.path) { [content] append in try append(content) }
    }

    func clear() { own.remove() }

    func run() throws {
        while try !take() {
            guard let found = file.read(), let touched = file.touched else {
                try waitWhereUnreadable()
                continue
            }
            let holder = LockHolder(found)
            if try isLeftBehind(found, holder, touched) {
                remove(found)
            } else {
                Activity.begin("wait for the lock", file.path)
                Thread.sleep(forTimeInterval: times.look)
            }
        }
    }

    /// A lock that is just being removed is gone at the next look; one that stays is somebody else's, or no file.
    private func waitWhereUnreadable() throws {
        guard file.isThere else { return }
        unreadable += 1
        guard unreadable <= 5 else {
            throw FileError(
                "read the lock", file.path, reason: "it is there but can't be read; remove it if no training uses it")
        }
        Thread.sleep(forTimeInterval: times.look)
    }

    /// Whether the lock is this process's now.
    private func take() throws -> Bool {
        // A network file system may report a failure after it has made the link.
        if unsafe link(own.path, file.path) == 0 || own.links == 2 { return true }
        guard errno != EEXIST else { return false }
        let error = FileError.system("make", file.path)
        if file.create(content) { return true }
        if file.touched == nil { throw error }
        return false
    }

    /// - Throws: `LockError` when the holder lives, as far as can be told.
    private func isLeftBehind(_ found: Data, _ holder: LockHolder?, _ touched: Double) throws -> Bool {
        let whose = holder.map { "of process \($0.process) on \($0.host), since \($0.since)" } ?? "of an unknown holder"
        switch holder?.isAlive {
        case true?: throw LockError.held(file.path, by: holder)
        case false?:
            log.warn("\(file.path), \(whose), is left behind: that process has ended; taken over")
            return true
        case nil: break
        }
        own.touch()
        let age = (own.touched ?? touched) - touched
        if age >= times.stale {
            log.warn("\(file.path), \(whose), is left behind: no sign of life for \(Int(age)) s; taken over")
            return true
        }
        let isNew = seen?.content != found
        if isNew {
            log.warn(
                "\(file.path), \(whose), may be left behind: waiting up to \(Int(times.patience)) s for a sign of life")
            seen = (found, touched)
        }
        if touched != seen?.touched || ContinuousClock.now - start > .seconds(times.patience) {
            throw LockError.held(file.path, by: holder)
        }
        return false
    }

    /// Removes a lock that is left behind, and puts it back if it turns out to be a new one.
    private func remove(_ expected: Data) {
        let aside = LockFile(path: own.path + ".old")
        guard unsafe rename(file.path, aside.path) == 0 else { return }
        if aside.read() != expected { unsafe link(aside.path, file.path) }
        aside.remove()
    }
}
