import Synchronization
import Tensors
import Testing

/// Each in a process of its own: the number of threads is the process's.
@Suite struct ThreadsTests {
    @Test func everyPartRunsOnce() async {
        await #expect(processExitsWith: .success) {
            for threads in [1, 2, 3, 7] {
                Threads.configure(threads)
                for total in [0, 1, 2, 5, 100] {
                    let parts = Mutex<[Range<Int>]>([])
                    Threads.parallel(total, grain: 1) { part in parts.withLock { $0.append(part) } }
                    let sorted = parts.withLock { $0.sorted { $0.lowerBound < $1.lowerBound } }
                    precondition(sorted.flatMap(Array.init) == Array(0..<total))
                    precondition(sorted.count == min(threads, max(1, total)))
                }
            }
        }
    }

    @Test func partsMayHaveParts() async {
        await #expect(processExitsWith: .success) {
            Threads.configure(2)
            let sum = Atomic<Int>(0)
            Threads.parallel(4, grain: 1) { outer in
                for _ in outer {
                    Threads.parallel(10, grain: 1) { inner in
                        for i in inner { sum.add(i, ordering: .relaxed) }
                    }
                }
            }
            precondition(sum.load(ordering: .relaxed) == 4 * 45)
        }
    }

    @Test func kernelsAgreeOnSeveralThreads() async {
        await #expect(processExitsWith: .success) {
            Threads.configure(3)
            for size in GemmTests.sizes + [.init(m: 200, n: 90, k: 40), .init(m: 30, n: 333, k: 100)] {
                for backend in Gemm.Backend.allCases {
                    precondition(GemmTests.worstDeviation(size, backend) < 1e-5, "\(backend) of \(size)")
                }
                if Precision.bf16.isHere {
                    precondition(GemmTests.worstRoundedDeviation(size) < Reference.bfloat16Bound, "bf16 of \(size)")
                }
            }
            for geometry in ConvolutionGeometry.samples {
                let deviation = try DNNLConvolutionTests.worstDeviation(geometry)
                precondition(deviation < 1e-5, "\(geometry)")
            }
        }
    }

    /// A loop's result does not depend on how many threads share it.
    @Test func fillersDoNotDependOnThreads() async {
        await #expect(processExitsWith: .success) {
            let results = [1, 3].map { threads in
                Threads.configure(threads)
                let storage = FloatStorage(count: 400_003)
                Filler.gaussian(mean: 0, std: 1, sparse: 3).fill(
                    storage, shape: [400_003], random: Random(seed: 1, purpose: "threads"))
                return storage.array(0..<storage.count)
            }
            precondition(results[0] == results[1])
        }
    }
}
