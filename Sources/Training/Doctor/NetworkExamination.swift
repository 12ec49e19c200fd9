import Foundation

/// Whether the network between the hosts is as quick as it claims to be, and everywhere alike.
package enum NetworkExamination {
    package static func examine(_ job: JobFacts, _ figures: NetworkFigures) -> [Section] {
        let names = job.hosts.map(\.name)
        var pairs = Section("Network, pair by pair", table: table(names, figures))
        pairs.findings = slowPairs(names, figures) + claims(names, figures)
        if pairs.findings.isEmpty { pairs.findings = [.ok("network", summary(figures))] }
        var sums = Section("All-reduce over all ranks", table: TextTable(["size", "time", "rate"]))
        sums.table?.alignRight(0, 1, 2)
        for step in figures.allReduces {
            let size = step.bytes < 1 << 20 ? "\(step.bytes >> 10) KiB" : "\(step.bytes >> 20) MiB"
            sums.table?.add([size, time(step.seconds), megabytes(Int(Double(step.bytes) / step.seconds)) + "/s"])
        }
        return figures.allReduces.isEmpty ? [pairs] : [pairs, sums]
    }

    /// A row and a column a host: time and rate of each pair.
    private static func table(_ names: [String], _ figures: NetworkFigures) -> TextTable {
        var table = TextTable(["host", "interface"] + names)
        for (row, name) in names.enumerated() {
            let cells = names.indices.map { column in
                let pair = figures.pairs.first { $0.a == min(row, column) && $0.b == max(row, column) }
                return pair.map { "\(time($0.latency)) \(rate($0.bandwidth))" } ?? ""
            }
            table.add([name, figures.interfaces[row].map { $0.name } ?? ""] + cells)
        }
        return table
    }

    private static func summary(_ figures: NetworkFigures) -> String {
        let between = figures.pairs.filter { $0.a != $0.b }
        guard let slowest = between.min(by: { $0.bandwidth < $1.bandwidth }) else { return "one host" }
        return "every pair of hosts reaches \(rate(slowest.bandwidth)) each way"
    }

    /// Pairs of hosts that are far behind the usual; a host whose pairs all are is named alone.
    private static func slowPairs(_ names: [String], _ figures: NetworkFigures) -> [Finding] {
        let between = figures.pairs.filter { $0.a != $0.b }
        guard between.count > 1 else { return [] }
        let usual = (rate: median(between.map(\.bandwidth)), time: median(between.map(\.latency)))
        let slow = between.filter { $0.bandwidth < usual.rate / 2 || $0.latency > 3 * usual.time + 50e-6 }
        func cure(_ hosts: String) -> String {
            "look at the cable, the port of the switch and the negotiated speed of \(hosts): ethtool INTERFACE; or leave it "
                + "out of the hostfile"
        }
        let guilty = names.indices.filter { host in
            between.filter { $0.a == host || $0.b == host }.allSatisfy(slow.contains)
        }
        let alone = slow.filter { !guilty.contains($0.a) && !guilty.contains($0.b) }
        let usually = "\(rate(usual.rate)) and \(time(usual.time)) are usual here"
        return guilty.map { host in
            let best = between.filter { $0.a == host || $0.b == host }.map(\.bandwidth).max() ?? 0
            return .warning(
                "network", on: names[host], "all its links are slow, the best with \(rate(best)); \(usually)",
                mend: cure(names[host]))
        }
            + alone.map { pair in
                .warning(
                    "network",
                    "\(names[pair.a]) and \(names[pair.b]) reach \(rate(pair.bandwidth)) in \(time(pair.latency)); "
                        + usually, mend: cure("both"))
            }
    }

    /// Links that carry far less than they claim.
    private static func claims(_ names: [String], _ figures: NetworkFigures) -> [Finding] {
        names.indices.compactMap { host in
            let best = figures.pairs.filter { $0.a != $0.b && ($0.a == host || $0.b == host) }.map(\.bandwidth).max()
            guard let best, let interface = figures.interfaces[host], let claim = interface.bitsPerSecond,
                8 * best < claim / 3
            else { return nil }
            return .warning(
                "link", on: names[host],
                "\(interface.name) claims \(rate(claim / 8)) and carries \(rate(best)) to its best partner",
                mend:
                    "mpirun --mca btl_tcp_if_include NETWORK/BITS … if another network is meant; else measure the link "
                    + "with iperf3")
        }
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    /// "0.94 Gbit/s".
    private static func rate(_ bytesPerSecond: Double) -> String {
        let bits = 8 * bytesPerSecond
        return bits < 1e9 ? String(format: "%.0f Mbit/s", bits / 1e6) : String(format: "%.2f Gbit/s", bits / 1e9)
    }

    private static func time(_ seconds: Double) -> String {
        seconds < 1e-3 ? String(format: "%.1f µs", seconds * 1e6) : String(format: "%.1f ms", seconds * 1e3)
    }
}
