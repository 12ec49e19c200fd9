package import Comm

/// How a parameter's gradient becomes that of the global batch (`--exchange`).
package enum ExchangeMethod: String, Sendable, CaseIterable, Codable {
    /// Summed by all-reduce, in buckets, while backward goes on.
    case allReduce = "allreduce"
    /// Summed in a fixed binary tree over micro-batches and ranks; what `--deterministic` takes.
    case tree
    /// Made on every rank from the gathered inputs and output gradients of the global batch.
    case factors
    /// Reduce-scatter, update of a slice, all-gather of the weights.
    case sharded
}

/// Each parameter's method as text, "fc6[0]=factors" a parameter in the order of names: in snapshots and between ranks.
extension [String: ExchangeMethod] {
    var lines: [String] { sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.rawValue)" } }

    /// - Parameter lines: those that are none, or name no method of ours, are passed over.
    init(lines: some Sequence<some StringProtocol>) {
        self.init()
        for line in lines {
            let parts = line.split(separator: "=")
            guard parts.count == 2, let method = ExchangeMethod(rawValue: String(parts[1])) else { continue }
            self[String(parts[0])] = method
        }
    }
}

/// What a run is asked for: a method for every parameter that can take it, or the cheapest of each.
package struct ExchangeOptions: Sendable {
    /// nil: by the cost model (`auto`).
    package var method: ExchangeMethod?
    package var wire = Wire.float32

    package init(method: ExchangeMethod? = nil, wire: Wire = .float32) {
        self.method = method
        self.wire = wire
    }
}
