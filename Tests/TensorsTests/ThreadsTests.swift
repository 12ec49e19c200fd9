import Synchronization
import Tensors
import Testing

/// The number of threads belongs to the whole process, so one test at a time sets it, and sets it back.
@Suite(.serialized)
struct ThreadsTests {
    private static func with(threads: Int, _ body: () -> Void) {
        let before = Threads.count
        Threads.configure(threads)
        body()
        Threads.configure(before)
    }

    @Test(arguments: [1, 2, 3])
    func partsCoverEachNumberOnce(threads: Int) {
        Self.with(threads: threads) {
            #expect(Threads.count == threads)
            for total in [1, 10, 1000] {
                let seen = Mutex<[Int]>(Array(repeating: 0, count: total))
                let parts = Mutex(0)
                Threads.parallel(total, grain: 10) { range in
                    parts.withLock { $0 += 1 }
                    seen.withLock { seen in for index in range { seen[index] += 1 } }
                }
                #expect(seen.withLock { $0 } == Array(repeating: 1, count: total))
                #expect(parts.withLock { $0 } == min(threads, max(1, total / 10)))
            }
        }
    }

    @Test
    func nothingIsOnePartWithoutNumbers() {
        let ranges = Mutex<[Range<Int>]>([])
        Threads.parallel(0) { range in ranges.withLock { $0.append(range) } }
        #expect(ranges.withLock { $0 } == [0..<0])
    }

    /// A loop's result does not depend on how many threads share it.
    @Test
    func fillersDoNotDependOnThreads() {
        let results = [1, 3].map { threads in
            let storage = FloatStorage(count: 400_003)
            Self.with(threads: threads) {
                Filler.gaussian(mean: 0, std: 1, sparse: 3).fill(
                    storage, shape: [400_003], random: Random(seed: 1, purpose: "threads"))
            }
            return storage.array(0..<storage.count)
        }
        #expect(results[0] == results[1])
    }
}
