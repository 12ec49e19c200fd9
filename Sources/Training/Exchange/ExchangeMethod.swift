package import Comm

/// How a parameter's gradient becomes that of the global batch (`--exchange`).
package enum ExchangeMethod: String, Sendable, CaseIterable, Codable {
    /// Summed by all-reduce, in buckets, while backward goes on.
    case allReduce = "allreduce"
    /// Made on every rank from the gathered inputs and output gradients of the global batch.
    case factors
    /// Reduce-scatter, update of a slice, all-gather of the weights.
    case sharded
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
