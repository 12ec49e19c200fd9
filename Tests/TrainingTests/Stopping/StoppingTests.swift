import Comm
import Foundation
import TestSupport
import Testing
import Training

struct StoppingTests {
    /// One rank's signal is known to all behind the same roll call, and rank zero tells of it.
    @Test func allRanksHearOfIt() throws {
        let logs = (0..<3).map { _ in RecordingLog() }
        let wishes = try ThreadCommunicator.run(3) { communicator in
            let inbox = SignalInbox()
            let stopping = Stopping(inbox, communicator: communicator, log: logs[communicator.rank].log)
            try stopping.together(at: 4) {}
            let before = stopping.wish
            if communicator.rank == 1 { _ = inbox.receive(SIGUSR1, at: 1) }
            try stopping.together(at: 5) {}
            return [before, stopping.wish]
        }
        #expect(wishes == Array(repeating: [.nothing, .evict], count: 3))
        let sentence = try #require(logs[0].lines.first)
        #expect(sentence.contains(/^SIGUSR1 on rank 1 \(.*\) at iteration 5: training is evicted.* status 75$/))
    }

    /// A snapshot is wished once; what a rank wishes by itself is not told of.
    @Test func aSnapshotIsWishedOnce() throws {
        let (inbox, log) = (SignalInbox(), RecordingLog())
        let stopping = Stopping(inbox, communicator: SoloCommunicator(), log: log.log)
        try stopping.together(wishing: .snapshot, at: 0) {}
        #expect(stopping.wish == .snapshot && !stopping.isEnding)
        #expect(log.lines == [])
        stopping.snapshotIsWritten()
        try stopping.together(at: 1) {}
        #expect(stopping.wish == .nothing)
        _ = inbox.receive(SIGHUP, at: 1)
        try stopping.together(at: 2) {}
        #expect(stopping.wish == .snapshot)
        stopping.snapshotIsWritten()
        try stopping.together(at: 3) {}
        #expect(stopping.wish == .nothing)
        #expect(log.lines.count == 1)
    }

    /// The end stays wished, and outdoes a snapshot.
    @Test func anEndStays() throws {
        let inbox = SignalInbox()
        let stopping = Stopping(inbox, communicator: SoloCommunicator(), log: RecordingLog().log)
        _ = inbox.receive(SIGINT, at: 1)
        try stopping.together(wishing: .snapshot, at: 0) {}
        stopping.snapshotIsWritten()
        #expect(stopping.wish == .stop && stopping.isEnding)
    }

    /// A training that is stopped before it has learnt anything keeps nothing, and ends like a whole one.
    @Test func stopsBeforeTheFirstIteration() throws {
        let run = try GoldenRun("net_contrastive")
        let (inbox, log) = (SignalInbox(), RecordingLog())
        _ = inbox.receive(SIGUSR2, at: 1)
        let communicator = SoloCommunicator()
        let trainer = try Trainer(
            try run.plan(over: communicator, log: log), communicator: communicator, log: log.log, inbox: inbox)
        #expect(try trainer.run() == .stop)
        #expect(trainer.iteration == 0)
        #expect(log.lines.last == "Optimization stopped early.")
        #expect(try run.folder.names.filter { $0.hasPrefix("snap_iter") } == [])
    }

    /// Errors say where training was.
    @Test func errorsSayWhere() throws {
        let run = try GoldenRun("net_contrastive")
        let whole = try Data(contentsOf: URL(filePath: Golden.path("images/12_ihc_a.jpg")))
        try run.folder.write("net_contrastive/cut.jpg", whole.prefix(whole.count / 2))
        let list = run.folder.file("net_contrastive/train1.txt")
        var lines = try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n").map(String.init)
        lines[12] = "cut.jpg 1"
        try FileManager.default.removeItem(atPath: list)
        try run.folder.write("net_contrastive/train1.txt", lines.joined(separator: "\n") + "\n")
        let fault = try #require(throws: RunFault.self) { try run.train() }
        #expect(fault.description.hasPrefix("iteration 1 (training): "), "\(fault)")
    }
}
