package import Comm
import Foundation
import Synchronization

/// A thread of each rank that sees to it that a job which does not get on says who is late, and ends instead of hanging.
///
/// Ranks report to rank zero by UDP, since MPI itself is what hangs. After a quarter of the timeout without any progress of
/// any rank, rank zero names the late ones and what they are at; after the whole timeout each rank ends with status 74. A
/// rank that does not hear of rank zero judges for itself. Time in which a process is stopped is not counted by it.
package final class Watchdog: Sendable {
    /// What rank zero tells all at the start.
    private struct Invitation: Codable {
        /// So that no other job is heard.
        var job = String(UInt64.random(in: .min ... .max), radix: 36)
        var addresses: [DatagramSocket.Address] = []
    }

    private let isStopped = Atomic<Bool>(false)
    private let log: TrainingLog
    /// Speaks, so that this thread need not wait where standard error is stuck.
    private let voice = DispatchQueue(label: "watchdog's voice")

    /// Starts the watch.
    ///
    /// Collective.
    ///
    /// - Parameter timeout: in seconds.
    package init(timeout: Double, communicator: any Communicator, log: TrainingLog) throws {
        precondition(timeout > 0, "a timeout of \(timeout) s")
        self.log = log
        let (rank, hosts) = (communicator.rank, communicator.hosts)
        let socket = communicator.size > 1 ? DatagramSocket() : nil
        var invitation = Invitation()
        invitation.addresses = socket?.addresses ?? []
        var bytes = [UInt8](try JSONEncoder().encode(invitation))
        try communicator.broadcast(&bytes)
        invitation = try JSONDecoder().decode(Invitation.self, from: Data(bytes))
        // One rank of a host speaks for it where rank zero can't.
        let speaks = communicator.localRank == (communicator.hostLeader == 0 ? 1 : 0)
        let job = invitation.job
        let thread = Thread { [self, addresses = invitation.addresses] in
            if rank == 0 {
                guardJob(
                    HeadWatch(socket, job: job, timeout: timeout, hosts: hosts), period: Self.period(timeout))
            } else {
                let watch = RankWatch(socket, job: job, timeout: timeout, head: addresses, rank: rank, hosts: hosts)
                guardRank(watch, rank: rank, speaks: speaks, period: Self.period(timeout))
            }
        }
        thread.name = "watchdog"
        thread.start()
    }

    /// The job is done.
    package func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Once a second, or more often where less time is given.
    private static func period(_ timeout: Double) -> Double { max(0.05, min(1, timeout / 16)) }

    /// Calls `look` again and again with the time that this process has run; a stop of all its threads counts for little.
    private func repeating(every period: Double, _ look: (_ time: Double) -> Void) {
        var (time, last) = (0.0, ContinuousClock.now)
        while true {
            look(time)
            Thread.sleep(forTimeInterval: period)
            if isStopped.load(ordering: .relaxed) { return }
            let now = ContinuousClock.now
            time += min((now - last) / .seconds(1), 2 * period)
            last = now
        }
    }

    private func guardJob(_ watch: HeadWatch, period: Double) {
        var watch = watch
        repeating(every: period) { time in
            switch watch.look(RankReport.now(rank: 0), at: time) {
            case .fine: break
            case .late(let sentence), .again(let sentence): say(sentence)
            case .over(let sentence):
                sayLast(sentence)
                // Each may be lost.
                for _ in 0..<3 {
                    watch.endAll()
                    usleep(50_000)
                }
                JobEnd.end(status: JobEnd.stalled)
            }
        }
    }

    private func guardRank(_ watch: RankWatch, rank: Int, speaks: Bool, period: Double) {
        var watch = watch
        repeating(every: period) { time in
            switch watch.look(RankReport.now(rank: rank), at: time) {
            case .fine: break
            case .late(let sentence), .again(let sentence): if speaks { say(sentence) }
            case .over(let sentence):
                if speaks { sayLast(sentence) }
                JobEnd.end(status: JobEnd.stalled)
            case .ended: JobEnd.end(status: JobEnd.stalled)
            }
        }
    }

    private func say(_ sentence: String) {
        voice.async { [log] in log.warn("\(sentence)") }
    }

    /// Says what the job ends with, and waits for it, but not for ever.
    private func sayLast(_ sentence: String) {
        let said = DispatchSemaphore(value: 0)
        voice.async {
            Console.printLine(
                "twotower: error: \(sentence); the job ends with status \(JobEnd.stalled) (--stall-timeout says when)")
            said.signal()
        }
        _ = said.wait(timeout: .now() + 1)
    }
}
