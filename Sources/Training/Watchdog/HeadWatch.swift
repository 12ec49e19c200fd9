import Comm

/// Rank zero's side of the heartbeats: hears all ranks, answers each, and judges.
struct HeadWatch {
    private let socket: DatagramSocket?
    private let job: String
    private var judge: StallJudge
    private var addresses: [Int: DatagramSocket.Address] = [:]
    /// Of the hosts of ranks that are not heard of.
    private var probes: [Int: HostProbe] = [:]

    init(_ socket: DatagramSocket?, job: String, timeout: Double, hosts: [String]) {
        self.socket = socket
        self.job = job
        judge = StallJudge(timeout: timeout, hosts: hosts)
    }

    /// One round: reads what has come, answers, and tells how the job is.
    ///
    /// - Parameter own: rank zero's report.
    mutating func look(_ own: RankReport, at time: Double) -> StallJudge.Verdict {
        judge.hear(own, at: time)
        while let (text, sender) = socket?.receive() {
            guard case .report(let report) = Heartbeat(text, job: job) else { continue }
            judge.hear(report, at: time)
            addresses[report.rank] = sender
            probes[report.rank] = nil
            socket?.send(Heartbeat.heard.text(job: job), to: sender)
        }
        // The answer takes a moment: they are asked before anybody is named.
        for rank in judge.silent(at: time, for: StallJudge.patience(judge.timeout) / 2) where probes[rank] == nil {
            probes[rank] = addresses[rank].map { HostProbe($0) }
        }
        return judge.look(at: time) { rank in
            guard let probe = probes[rank] else { return .unknown }
            return probe.answered ? .hostAnswers : .hostIsSilent
        }
    }

    /// Tells all ranks that were heard of that the job ends.
    func endAll() {
        for address in addresses.values { socket?.send(Heartbeat.end.text(job: job), to: address) }
    }
}
