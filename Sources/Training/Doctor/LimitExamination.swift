import Foundation

/// Whether the system lets each process have what a training takes: files, locked memory, address space.
package enum LimitExamination {
    /// A rank holds lists, log, libraries, a socket to each other rank, and an image for each decoding thread.
    private static func filesWanted(ranks: Int) -> Int { 128 + 4 * ranks }

    package static func examine(_ job: JobFacts) -> Section {
        var section = Section("Limits of a process")
        for host in job.hosts {
            let limits = host.ranks[0].limits
            let wanted = filesWanted(ranks: job.ranks.count)
            if limits.openFiles < wanted {
                section.findings.append(
                    .problem(
                        "open files", on: host.name,
                        "\(limits.openFiles) are allowed; \(job.ranks.count) rank(s) may open \(wanted) each",
                        mend: "ulimit -n 4096 before the start, or nofile in /etc/security/limits.conf"))
            }
            if host.facts.hasInfiniBand, limits.lockedMemory < 1 << 30 {
                section.findings.append(
                    .warning(
                        "locked memory", on: host.name,
                        "\(TextTable.grouped(limits.lockedMemory)) bytes are allowed, too little for InfiniBand",
                        mend: "ulimit -l unlimited before the start, or memlock in /etc/security/limits.conf"))
            }
            if limits.addressSpace < .max {
                section.findings.append(
                    .warning(
                        "address space", on: host.name,
                        "it is limited to \(megabytes(limits.addressSpace)), which counts memory that is never used",
                        mend: "ulimit -v unlimited before the start"))
            }
        }
        if section.findings.isEmpty {
            let least = job.ranks.map(\.limits.openFiles).min() ?? .max
            section.findings = [.ok("open files", "\(least == .max ? "any number" : "\(least)") for each process")]
        }
        return section
    }
}

/// "1,234 MB", "1.2 MB".
func megabytes(_ bytes: Int) -> String {
    bytes < 10_000_000
        ? String(format: "%.1f MB", Double(bytes) / 1e6) : TextTable.grouped(bytes / 1_000_000) + " MB"
}
