package import Comm
import Nets
import Tensors

/// What an exchange costs between these ranks: the network's part and the arithmetic's, in seconds.
///
/// Network: latency + bytes sent / bandwidth. Arithmetic: memory traffic of gradient and update, and the part of a
/// gradient's product that other ranks would have made. What backward hides is left out, since it hides all of them alike.
package struct ExchangeModel: Sendable {
    package var ranks: Int
    /// Seconds of the smallest collective.
    package var latency: Double
    /// Bytes that a rank sends in a second of a long all-reduce.
    package var bandwidth: Double
    /// Multiply-adds of a rank in a second.
    package var multiplyAdds: Double
    /// Bytes that a rank reads or writes in a second, while the others of its host do too.
    package var memory: Double

    /// Whether all ranks have the same processor, so that a product has the same bits on each.
    package var isUniform = true

    package init(ranks: Int, latency: Double, bandwidth: Double, multiplyAdds: Double, memory: Double) {
        self.ranks = ranks
        self.latency = latency
        self.bandwidth = bandwidth
        self.multiplyAdds = multiplyAdds
        self.memory = memory
    }

    /// What a parameter would cost by one method.
    package struct Cost: Sendable {
        package let bytesSent: Int
        package let seconds: Double
    }

    func allReduce(floats: Int, wire: Wire) -> Cost {
        let bytes = AllReduceExchange.bytesSent(floats: floats, ranks: ranks, wire: wire)
        return Cost(bytesSent: bytes, seconds: network(bytes, calls: 1) + traffic(floats, made: 1, updated: 1))
    }

    func sharded(floats: Int) -> Cost {
        let bytes = ShardedExchange.bytesSent(floats: floats, ranks: ranks)
        let share = 1 / Double(ranks)
        return Cost(bytesSent: bytes, seconds: network(bytes, calls: 2) + traffic(floats, made: 1, updated: share))
    }

    func factors(_ plan: Net.FactorPlan, subBatches: Int) -> Cost {
        let samples = plan.rows * plan.uses * subBatches
        let widths = [plan.leftWidth, plan.rightWidth]
        let bytes = FactorsExchange.bytesSent(samples: samples, widths: widths, ranks: ranks)
        let floats = plan.leftWidth * plan.rightWidth
        // Every rank makes the whole product, not its shard's only.
        let extra = Double(samples) * Double(floats) * (1 - 1 / Double(ranks)) / multiplyAdds
        return Cost(
            bytesSent: bytes,
            seconds: network(bytes, calls: 2 * plan.uses * subBatches) + extra + traffic(floats, made: 0, updated: 1))
    }

    private func network(_ bytes: Int, calls: Int) -> Double {
        ranks == 1 ? 0 : Double(calls) * latency + Double(bytes) / bandwidth
    }

    /// A gradient is written once and read once; an update reads and writes weights and history.
    private func traffic(_ floats: Int, made: Double, updated: Double) -> Double {
        Double(floats * MemoryLayout<Float>.stride) * (3 * made + 4 * updated) / memory
    }
}

extension ExchangeModel {
    /// Measures this communicator and this machine, all ranks at once; the slowest counts.
    ///
    /// Collective; some 0.2 s.
    package static func measure(over communicator: any Communicator) throws -> ExchangeModel {
        let buffer = FloatStorage(count: 1 << 20)
        func allReduce(_ count: Int) throws {
            try buffer.withMutableSpan { (span: inout MutableSpan<Float>) in
                var part = span._mutatingExtracting(0..<count)
                try communicator.allReduceSum(&part)
            }
        }
        try communicator.barrier()
        let latency = try shortest(of: 10) { try allReduce(1) }
        let long = try shortest(of: communicator.size == 1 ? 1 : 3) { try allReduce(buffer.count) }
        let bytes = AllReduceExchange.bytesSent(floats: buffer.count, ranks: communicator.size)
        var slowest = [
            Int(latency * 1e9), Int(max(long - latency, 1e-9) * 1e9), Int(timeOfProduct() * 1e9),
            Int(timeOfCopy() * 1e9),
        ]
        try communicator.allReduceMaximum(&slowest)
        let seconds = slowest.map { Double(max($0, 1)) * 1e-9 }
        var model = ExchangeModel(
            ranks: communicator.size, latency: seconds[0], bandwidth: Double(bytes) / seconds[1],
            multiplyAdds: Double(productSide * productSide * productSide) / seconds[2],
            memory: Double(2 * copied * MemoryLayout<Float>.stride) / seconds[3])
        model.isUniform = Set(try communicator.allGather(Machine.processor)).count == 1
        return model
    }

    private static let productSide = 512
    private static let copied = 4 << 20

    private static func timeOfProduct() -> Double {
        let count = productSide * productSide
        let (a, b, c) = (FloatStorage(count: count), FloatStorage(count: count), FloatStorage(count: count))
        return shortest(of: 4) {
            a.withSpan { a in
                b.withSpan { b in
                    c.withMutableSpan { c in
                        Gemm.multiply(m: productSide, n: productSide, k: productSide, a: a, b: b, c: &c)
                    }
                }
            }
        }
    }

    private static func timeOfCopy() -> Double {
        nonisolated(unsafe) let (from, to) = (FloatStorage(count: copied), FloatStorage(count: copied))
        unsafe from.fill(1)
        return shortest(of: 3) {
            Threads.parallel(copied) { range in
                unsafe from.withSpan { from in
                    unsafe to.withMutableSpan { to in
                        for index in range { to[index] = from[index] }
                    }
                }
            }
        }
    }

    private static func shortest(of turns: Int, _ body: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        var shortest = Duration.seconds(3600)
        for _ in 0..<turns { shortest = min(shortest, try clock.measure(body)) }
        return shortest / .seconds(1)
    }
}
