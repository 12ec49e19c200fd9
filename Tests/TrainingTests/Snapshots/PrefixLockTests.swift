import Foundation
import Tensors
import TestSupport
import Testing
import Training

struct PrefixLockTests {
    private let scratch: ScratchDirectory
    private let log = RecordingLog()

    init() throws { scratch = try ScratchDirectory("lock") }

    private static var quick: PrefixLock.Times {
        var times = PrefixLock.Times()
        (times.heartbeat, times.stale, times.patience, times.look) = (0.1, 1, 3, 0.05)
        return times
    }

    private func take() throws -> PrefixLock {
        try PrefixLock.take(prefix: scratch.file("snap"), times: Self.quick, log: log.log)
    }

    /// Changes the lock that is there to one of another process.
    private func change(_ edit: (inout [String: Any]) -> Void) throws {
        var holder = try #require(
            try JSONSerialization.jsonObject(with: scratch.data(of: "snap.lock")) as? [String: Any])
        edit(&holder)
        try scratch.write("snap.lock", try JSONSerialization.data(withJSONObject: holder))
    }

    /// Leaves the lock of a process that is not there.
    private func leave(_ edit: (inout [String: Any]) -> Void) throws {
        let lock = try take()
        let content = try scratch.data(of: "snap.lock")
        lock.release()
        try scratch.write("snap.lock", content)
        try change(edit)
    }

    @Test
    func theSecondIsRefused() throws {
        let lock = try take()
        #expect(try scratch.names == ["snap.lock"])
        let error = try #require(throws: LockError.self) { try take() }
        let me = ProcessInfo.processInfo.processIdentifier
        #expect(error.description.contains("runs as process \(me) on "))
        #expect(error.description.contains("another --snapshot-prefix"))
        #expect(PrefixLock.holder(ofPrefix: scratch.file("snap"))?.process == me)
        #expect(PrefixLock.holder(ofPrefix: scratch.file("snap"))?.isAlive == true)
        try lock.check()
        lock.release()
        #expect(try scratch.names == [])
        let next = try take()
        try next.check()
    }

    @Test
    func isRemovedWithItsOwner() throws {
        do {
            let lock = try take()
            try lock.check()
        }
        #expect(try scratch.names == [])
    }

    /// The same number is no sign of life: another process may have it by now.
    @Test(arguments: ["process", "processStart"])
    func aDeadProcessLeavesItToOthers(field: String) throws {
        try leave { $0[field] = field == "process" ? 4_194_305 : "1" }
        try scratch.write("snap_iter_1.caffemodel.tmp-4194305", "half of it")
        let lock = try take()
        try lock.check()
        #expect(log.warnings.contains { $0.contains("that process has ended; taken over") })
        #expect(try scratch.names == ["snap.lock"], "and what it had half-written is gone")
    }

    @Test
    func anotherHostIsGivenTime() throws {
        try leave { $0["space"] = "elsewhere" }
        let lock = try take()
        try lock.check()
        #expect(log.warnings.contains { $0.contains("waiting up to 3 s for a sign of life") })
        #expect(log.warnings.contains { $0.contains("no sign of life for 1 s; taken over") })
    }

    @Test
    func anotherHostThatLivesIsLetAlone() throws {
        let lock = try take()
        // Its keeper goes on touching the file, and can't be seen as a process.
        try leaveItsKeeper(of: lock)
        #expect(throws: LockError.self) { try take() }
        #expect(log.warnings.contains { $0.contains("waiting up to") })
    }

    /// As if the lock were of another host: for who looks, since the keeper compares contents, by a file of its own.
    private func leaveItsKeeper(of lock: PrefixLock) throws {
        lock.release()
        try leave { $0["space"] = "elsewhere" }
        let path = scratch.file("snap.lock")
        Thread {
            for _ in 0..<40 {
                usleep(50_000)
                _ = try? FileManager.default.setAttributes([.modificationDate: Date.now], ofItemAtPath: path)
            }
        }.start()
    }

    /// A process that was stopped for long finds that another has taken its place.
    @Test
    func aLostLockIsNoticed() throws {
        let lock = try take()
        try change { $0["process"] = 1 }
        let error = try #require(throws: LockError.self) { try lock.check() }
        #expect(error.description.contains("is no longer this training's"))
        lock.release()
        #expect(scratch.has("snap.lock"), "the other's")
    }

    @Test
    func aLockThatWasRemovedIsMadeAgain() throws {
        let lock = try take()
        try FileManager.default.removeItem(atPath: scratch.file("snap.lock"))
        try lock.check()
        #expect(scratch.has("snap.lock"))
        #expect(log.warnings.contains { $0.contains("is made again") })
    }

    @Test
    func nonsenseIsGivenTimeToo() throws {
        try scratch.write("snap.lock", "locked!")
        let lock = try take()
        try lock.check()
        #expect(log.warnings.contains { $0.contains("of an unknown holder") })
    }

    /// It would be looked at for ever.
    @Test
    func whatCannotBeReadIsNamed() throws {
        try FileManager.default.createDirectory(atPath: scratch.file("snap.lock"), withIntermediateDirectories: true)
        let error = try #require(throws: FileError.self) { try take() }
        #expect("\(error)".contains("it is there but can't be read; remove it if no training uses it"), "\(error)")
    }
}
