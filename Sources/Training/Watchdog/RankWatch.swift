import Comm

/// The other ranks' side of the heartbeats: reports to rank zero, and judges only where rank zero is not heard of.
struct RankWatch {
    private let socket: DatagramSocket?
    private let job: String
    private let timeout: Double
    private let name: String
    private let headName: String
    /// Where rank zero may be: all of its addresses, or the one from which it has answered.
    private let candidates: [DatagramSocket.Address]
    private var head: DatagramSocket.Address?
    private var heardAt = 0.0
    private var (progress, progressAt) = (-1, 0.0)
    private var probe: HostProbe?
    private var hasWarned = false

    init(
        _ socket: DatagramSocket?, job: String, timeout: Double, head: [DatagramSocket.Address], rank: Int,
        hosts: [String]
    ) {
        self.socket = socket
        self.job = job
        self.timeout = timeout
        candidates = head
        name = "rank \(rank) (\(hosts[rank]))"
        headName = "rank 0 (\(hosts[0]))"
    }

    /// What comes of a round.
    enum Verdict: Equatable {
        case fine, late(String), again(String), over(String)
        /// Rank zero ends the job, and has said why.
        case ended
    }

    mutating func look(_ own: RankReport, at time: Double) -> Verdict {
        if own.progress > progress { (progress, progressAt) = (own.progress, time) }
        var isOrdered = false
        while let (text, sender) = socket?.receive() {
            guard let message = Heartbeat(text, job: job) else { continue }
            (head, heardAt, probe) = (sender, time, nil)
            if message == .end { isOrdered = true }
        }
        if isOrdered { return .ended }
        let text = Heartbeat.report(own).text(job: job)
        let patience = StallJudge.patience(timeout)
        // Where the way that once led there is silent, perhaps another does.
        let isNear = time - heardAt < patience / 2
        for address in head.map({ isNear ? [$0] : candidates }) ?? candidates { socket?.send(text, to: address) }
        if !isNear, probe == nil { probe = (head ?? candidates.first).map { HostProbe($0) } }
        return judge(own, stall: time - progressAt, silence: time - heardAt, patience)
    }

    private mutating func judge(_ own: RankReport, stall: Double, silence: Double, _ patience: Double) -> Verdict {
        let alone = min(stall, silence)
        if stall >= timeout, silence >= patience { return .over(sentence(own, stall: stall)) }
        if !hasWarned, alone >= patience {
            hasWarned = true
            return .late(sentence(own, stall: alone))
        }
        if hasWarned, alone < patience {
            hasWarned = false
            return .again(silence < patience ? "\(name) hears of \(headName) again" : "\(name) goes on again")
        }
        return .fine
    }

    private func sentence(_ own: RankReport, stall: Double) -> String {
        let reason =
            switch probe?.answered {
            case true? where head == nil:
                "its host answers, so the process is probably stopped, or a firewall holds UDP back"
            case true?: "its host answers, so the process is probably stopped"
            case false?: "its host does not answer, so it is probably off, or the network cut"
            case nil: "it has given no address"
            }
        return
            "nothing has got on for \(Int(stall)) s: \(name) is at: \(own.place), and hears nothing of \(headName): \(reason)"
    }
}
