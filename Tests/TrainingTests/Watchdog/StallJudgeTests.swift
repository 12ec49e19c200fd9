import Testing
import Training

struct StallJudgeTests {
    /// Three ranks on two hosts, and a timeout of 120 s; all have got on until second 10.
    private static func judge() -> StallJudge {
        var judge = StallJudge(timeout: 120, hosts: ["node1", "node1", "node2"])
        for rank in 0..<3 {
            judge.hear(RankReport(rank: rank, iteration: 7, progress: 100, activity: "forward of conv1"), at: 10)
        }
        return judge
    }

    private static func waiting(_ rank: Int, collectives: Int = 5, progress: Int = 100) -> RankReport {
        RankReport(
            rank: rank, iteration: 7, progress: progress, collectives: collectives, waits: true, activity: "barrier")
    }

    private static func busy(_ rank: Int, progress: Int = 100) -> RankReport {
        RankReport(rank: rank, iteration: 7, progress: progress, activity: "forward of conv2")
    }

    @Test func oneThatComputesForLongIsNamed() {
        var judge = Self.judge()
        #expect(judge.look(at: 39, silence: { _ in .unknown }) == .fine)
        for report in [Self.waiting(0), Self.busy(1), Self.waiting(2)] { judge.hear(report, at: 40) }
        #expect(
            judge.look(at: 40) { _ in .unknown }
                == .late(
                    "nothing has got on for 30 s: rank 1 (node1) is at: forward of conv2 in iteration 7; ranks 0, 2 wait "
                        + "for it (barrier in iteration 7)"))
        #expect(judge.look(at: 41) { _ in .unknown } == .fine, "told once")
        judge.hear(Self.busy(1, progress: 101), at: 42)
        #expect(judge.look(at: 42) { _ in .unknown } == .again("the job goes on again"))
        for second in stride(from: 43.0, to: 72, by: 1) {
            for report in [Self.waiting(0), Self.busy(1, progress: 101), Self.waiting(2)] {
                judge.hear(report, at: second)
            }
            #expect(judge.look(at: second) { _ in .unknown } == .fine)
        }
        guard case .late = judge.look(at: 72, silence: { _ in .unknown }) else {
            Issue.record("told again after it had gone on")
            return
        }
    }

    @Test(arguments: [
        (StallJudge.Silence.hostAnswers, "its host answers, so the process is probably stopped"),
        (.hostIsSilent, "its host does not answer, so it is probably off, or its network cut"),
        (.unknown, "the process is stopped, its host off, or the network cut"),
    ])
    func oneThatIsNotHeardOfIsNamed(silence: StallJudge.Silence, reason: String) {
        var judge = Self.judge()
        for rank in 0..<2 { judge.hear(Self.waiting(rank), at: 40) }
        guard case .late(let sentence) = judge.look(at: 40, silence: { _ in silence }) else {
            Issue.record("nobody is named")
            return
        }
        #expect(sentence.contains("nothing is heard of rank 2 (node2): \(reason)"))
        #expect(sentence.hasSuffix("; ranks 0-1 wait for it (barrier in iteration 7)"))
    }

    /// Where UDP is held back nothing is said of what is not known.
    @Test func oneThatWasNeverHeardOf() {
        var judge = StallJudge(timeout: 120, hosts: ["node1", "node2"])
        judge.hear(Self.waiting(0), at: 1)
        guard case .late(let sentence) = judge.look(at: 31, silence: { _ in .unknown }) else {
            Issue.record("nobody is named")
            return
        }
        #expect(sentence.contains("nothing was ever heard of rank 1 (node2) by UDP"))
    }

    @Test func whereAllWaitTheOneBehindIsNamed() {
        var judge = Self.judge()
        for report in [Self.waiting(0, collectives: 6), Self.waiting(1, collectives: 6), Self.waiting(2)] {
            judge.hear(report, at: 40)
        }
        #expect(
            judge.look(at: 40) { _ in .unknown }
                == .late(
                    "nothing has got on for 30 s: rank 2 (node2) is still in barrier in iteration 7, which the others "
                        + "have left"))
    }

    @Test func theJobEndsAfterTheTimeoutOnly() {
        var judge = Self.judge()
        _ = judge.look(at: 40) { _ in .unknown }
        #expect(judge.look(at: 129) { _ in .unknown } == .fine)
        // A late datagram is no progress.
        judge.hear(Self.busy(2, progress: 99), at: 129.5)
        guard case .over = judge.look(at: 130, silence: { _ in .unknown }) else {
            Issue.record("the job goes on")
            return
        }
    }

    @Test func aWorldOfOneSaysWhatItIsAt() {
        var judge = StallJudge(timeout: 8, hosts: ["vm"])
        judge.hear(RankReport(rank: 0, iteration: nil, progress: 1, activity: "wait for its pairs"), at: 1)
        #expect(
            judge.look(at: 3) { _ in .unknown } == .late("nothing has got on for 2 s: wait for its pairs"))
    }
}
