import Comm
import Foundation
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
        let lock = Self.facts { $0.lock = "node1 17" }
        #expect(lock.complaints.map(\.found) == ["/data/snap.lock is held: node1 17"])
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
