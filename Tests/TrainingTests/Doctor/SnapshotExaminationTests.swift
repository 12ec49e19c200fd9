import CaffeProto
import Comm
import Foundation
import Logging
import TestSupport
import Testing
import Training

struct SnapshotExaminationTests {
    private static func facts(_ edit: (inout SnapshotFacts) -> Void) -> [Finding] {
        var facts = SnapshotFacts(prefix: "/data/snap")
        facts.free = 10_000_000_000
        facts.speed = 1e8
        edit(&facts)
        return SnapshotExamination.examine(facts, .init(bytes: 1_000_000_000, count: 5)).findings
    }

    @Test
    func roomForAll() {
        let findings = Self.facts { _ in }
        #expect(findings.verdict == .ok)
        #expect(findings.contains { $0.found == "5 snapshot(s) of 1,000 MB, and 10,000 MB are free" })
        #expect(Self.facts { $0.free = 3_000_000_000 }.verdict == .warning)
        #expect(Self.facts { $0.free = 900_000_000 }.verdict == .problem)
    }

    @Test
    func whatElseCanBeWrong() {
        let error = Self.facts { $0.error = "can't write /data: Read-only file system" }
        #expect(error.map(\.verdict) == [.problem])
        let blind = Self.facts { $0.blindHosts = ["node2", "node3"] }
        #expect(blind.complaints.map(\.check) == ["sharing"])
        #expect(blind.complaints[0].found.hasPrefix("node2, node3 do(es) not see /data"))
        let lock = Self.facts { $0.lock = "process 17 on node1" }
        #expect(lock.complaints.map(\.found) == ["/data/snap.lock is held by process 17 on node1"])
    }

    /// Twelve are written, of which the solver may keep two, and a third while it is new.
    @Test(arguments: [(nil, 12), (2, 3), (50, 12)])
    func howManyThereWillBe(keep: Int?, count: Int) throws {
        var solver = SolverParameter()
        solver.baseLr = 0.1
        solver.lrPolicy = "fixed"
        solver.maxIter = 115
        solver.snapshot = 10
        if let keep { solver.snapshotKeep = Int32(keep) }
        #expect(SnapshotExamination.Plan(try SolverSettings(solver), bytes: 7) == .init(bytes: 7, count: count))
    }

    /// A live training's lock is told of, one left behind is not.
    @Test
    func aLock() throws {
        let folder = try ScratchDirectory("snapshots")
        let prefix = folder.file("snap")
        let lock = try PrefixLock.take(prefix: prefix, log: TrainingLog(Logger(label: "test")))
        let held = try SnapshotFacts.measure(prefix: prefix, over: SoloCommunicator())
        #expect(held?.lock?.hasPrefix("process \(getpid()) on \(Machine.name), since ") == true)
        let text = try folder.text(of: "snap.lock")
        lock.release()
        try folder.write("snap.lock", text.replacing("\(getpid())", with: "4194305"))
        #expect(try SnapshotFacts.measure(prefix: prefix, over: SoloCommunicator())?.lock == nil)
    }

    /// What is measured leaves nothing behind.
    @Test
    func measuresAFolder() throws {
        let folder = try ScratchDirectory("snapshots")
        let facts = try ThreadCommunicator.run(2) {
            try SnapshotFacts.measure(prefix: folder.file("deep/snap"), over: $0).map {
                [$0.error ?? "", "\($0.speed)"]
            }
        }
        let first = try #require(facts[0])
        #expect(first[0] == "" && Double(first[1]) ?? 0 > 0)
        #expect(facts[1] == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("deep")) == [])
    }

    @Test
    func aFolderThatIsAFile() throws {
        let folder = try ScratchDirectory("snapshots")
        try folder.write("snap", "a file")
        let facts = try SnapshotFacts.measure(prefix: folder.file("snap/snap"), over: SoloCommunicator())
        #expect(facts?.error?.contains("snap") == true)
    }
}
