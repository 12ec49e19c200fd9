/// What the network between the ranks can do, as measured.
package struct NetworkFigures: Codable, Equatable, Sendable {
    /// Between the first ranks of two hosts, or the first two ranks of one.
    package struct Pair: Codable, Equatable, Sendable {
        /// Hosts by their number, in the order of their first ranks.
        package let a: Int
        package let b: Int
        /// Seconds in which both hear of each other: 64 bytes each way at once.
        package let latency: Double
        /// Bytes a second one way, in the slower direction.
        package let bandwidth: Double

        package init(a: Int, b: Int, latency: Double, bandwidth: Double) {
            self.a = a
            self.b = b
            self.latency = latency
            self.bandwidth = bandwidth
        }
    }

    /// An all-reduce over all ranks.
    package struct AllReduce: Codable, Equatable, Sendable {
        package let bytes: Int
        package let seconds: Double

        package init(bytes: Int, seconds: Double) {
            self.bytes = bytes
            self.seconds = seconds
        }
    }

    /// The interface over which most went meanwhile, of each host: "eth0", and what it claims in bits a second.
    package struct Interface: Codable, Equatable, Sendable {
        package let name: String
        package let bitsPerSecond: Double?

        package init(name: String, bitsPerSecond: Double?) {
            self.name = name
            self.bitsPerSecond = bitsPerSecond
        }
    }

    package let pairs: [Pair]
    package let allReduces: [AllReduce]
    package let interfaces: [Interface?]

    package init(pairs: [Pair], allReduces: [AllReduce], interfaces: [Interface?]) {
        self.pairs = pairs
        self.allReduces = allReduces
        self.interfaces = interfaces
    }
}

/// What went over each interface of this host so far.
package struct InterfaceCounters {
    private let sent: [String: Int]
    private let files: SystemFiles

    package init(_ files: SystemFiles = SystemFiles()) {
        self.files = files
        sent = Dictionary(
            files.names(in: "/sys/class/net").map { name in
                (name, files.number("/sys/class/net/\(name)/statistics/tx_bytes") ?? 0)
            }, uniquingKeysWith: +)
    }

    /// The interface that has sent the most since `before`, if that was a megabyte at least; not the loopback.
    package func busiest(since before: InterfaceCounters) -> NetworkFigures.Interface? {
        let growth = sent.map { (name: $0, bytes: $1 - (before.sent[$0] ?? 0)) }.filter { $0.name != "lo" }
        guard let most = growth.max(by: { ($0.bytes, $1.name) < ($1.bytes, $0.name) }), most.bytes > 1_000_000 else {
            return nil
        }
        let megabits = files.number("/sys/class/net/\(most.name)/speed").flatMap { $0 > 0 ? Double($0) : nil }
        return NetworkFigures.Interface(name: most.name, bitsPerSecond: megabits.map { $0 * 1e6 })
    }
}
