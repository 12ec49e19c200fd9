import Comm
import Foundation

/// Whether the hosts' clocks agree: times in logs, and the age of files that another host touches, are by them.
package enum ClockExamination {
    /// How far each rank's clock is ahead of rank zero's, in seconds, and how exactly that is known; on rank zero.
    ///
    /// Collective.
    static func measure(over communicator: any Communicator) throws -> [(ahead: Double, error: Double)] {
        let offset = try ClockOffset.measure(over: communicator) {
            var time = timespec()
            unsafe clock_gettime(CLOCK_REALTIME, &time)
            return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
        }
        return try communicator.gather("\(offset.nanoseconds) \(offset.error)").map { text in
            let numbers = text.split(separator: " ").compactMap { Double($0) }
            return (numbers[0] * 1e-9, numbers[1] * 1e-9)
        }
    }

    package static func examine(_ job: JobFacts, offsets: [(ahead: Double, error: Double)]) -> Section {
        var findings: [Finding] = []
        let cure = "sudo timedatectl set-ntp true, or chronyc makestep, on the host that is wrong"
        for host in job.hosts.dropFirst() {
            let (ahead, error) = offsets[host.ranks[0].placement.rank]
            let found =
                "its clock is \(seconds(abs(ahead))) \(ahead < 0 ? "behind" : "ahead of") \(job.hosts[0].name)'s"
            if abs(ahead) - error > 30 {
                findings.append(
                    .problem(
                        "clock", on: host.name, "\(found): its locks look stale to others, or never do", mend: cure))
            } else if abs(ahead) - error > 1 {
                findings.append(.warning("clock", on: host.name, found, mend: cure))
            }
        }
        if findings.isEmpty {
            let most = job.hosts.map { abs(offsets[$0.ranks[0].placement.rank].ahead) }.max() ?? 0
            findings = [.ok("clock", job.hosts.count == 1 ? "one host" : "at most \(seconds(most)) apart")]
        }
        return Section("Clocks", findings: findings)
    }

    private static func seconds(_ value: Double) -> String {
        value < 0.1 ? String(format: "%.3f ms", value * 1e3) : String(format: "%.1f s", value)
    }
}
