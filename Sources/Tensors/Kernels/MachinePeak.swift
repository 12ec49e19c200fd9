import CDNNL

/// How fast this machine multiplies and adds at best: the yardstick for a net's speed.
package enum MachinePeak {
    /// The best rate in GFLOP/s, with the threads of `Threads`, of a loop that never leaves the registers and of either
    /// backend over a few large squares; about 2 s.
    package static func measure() -> Double { max(multiplyAdds(), products()) }

    private static func multiplyAdds() -> Double {
        let (threads, rounds) = (Threads.count, 1 << 21)
        let seconds = shortest(budget: .milliseconds(250)) {
            Threads.parallel(threads, grain: 1) { part in
                for _ in part { _ = cdnnl_fma(Int64(rounds)) }
            }
        }
        return Double(threads * rounds * Int(cdnnl_fma_operations())) / seconds * 1e-9
    }

    private static func products() -> Double {
        let sizes = [1024, 2048, 3072]
        let largest = sizes.max().map { $0 * $0 } ?? 0
        let a = FloatStorage(count: largest)
        let b = FloatStorage(count: largest)
        let c = FloatStorage(count: largest)
        a.fill(0.5)
        b.fill(0.25)
        var best = 0.0
        for backend in Gemm.Backend.allCases {
            for size in sizes {
                let seconds = shortest(budget: .milliseconds(250)) { multiply(a, b, c, size, backend) }
                best = max(best, 2 * Double(size * size * size) / seconds * 1e-9)
            }
        }
        return best
    }

    private static func multiply(
        _ a: FloatStorage, _ b: FloatStorage, _ c: FloatStorage, _ size: Int, _ backend: Gemm.Backend
    ) {
        a.withSpan { a in
            b.withSpan { b in
                c.withMutableSpan { c in
                    Gemm.multiply(m: size, n: size, k: size, a: a, b: b, c: &c, backend: backend)
                }
            }
        }
    }

    /// The shortest run in seconds of as many as fit the budget; at least one.
    private static func shortest(budget: Duration, _ body: () -> Void) -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        var shortest = Duration.seconds(3600)
        repeat {
            shortest = min(shortest, clock.measure(body))
        } while clock.now - start < budget
        return shortest / .seconds(1)
    }
}
