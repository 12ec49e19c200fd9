import Testing
import Training

struct HeartbeatTests {
    private static let report = RankReport(
        rank: 3, iteration: 1234, progress: 99_999, collectives: 17, waits: true, activity: "all-reduce sum of floats")

    @Test func messagesArrive() {
        let start = RankReport(rank: 0, iteration: nil, progress: 0, activity: "")
        for message in [.report(Self.report), .report(start), .heard, .end] as [Heartbeat] {
            #expect(Heartbeat(message.text(job: "x1"), job: "x1") == message)
        }
    }

    /// Other jobs' words, and anybody's, are none.
    @Test func othersAreNotHeard() {
        let text = Heartbeat.report(Self.report).text(job: "x1")
        #expect(Heartbeat(text, job: "x2") == nil)
        for broken in ["", "x1", "x1 ", "x1 stop", "x1 end now", "x1 report 1 2 3", "x1 report a 2 3 4 5 forward"] {
            #expect(Heartbeat(broken, job: "x1") == nil, "\(broken)")
        }
    }
}
